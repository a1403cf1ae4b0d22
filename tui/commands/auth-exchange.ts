import { authorizationCode } from '../../shared/authorization-code.ts';
import type { Result } from '../../shared/contract.ts';
import { Unsuccessful, UsageError, exit } from '../failure.ts';
import { instant, until } from '../format.ts';
import { askLine } from '../prompt.ts';
import type { Session } from '../session.ts';
import { failureWords } from '../words.ts';
import { type Verb, example } from './verb.ts';

const words = `
CODE is the code, or the whole address that the seller was sent to after agreeing. Others on this machine may see what
stands on a command line: without CODE, or with -, it is read from standard input. The daemon goes on at once, without a
restart.`;

const linesOf = ({ shops, ...result }: Result<'auth.exchange'>, nowMs: number): readonly string[] => {
  const { accessTokenExpiresAt: access, refreshTokenExpiresAt: refresh, problem } = result;
  const end = refresh === null ? '' : ` until ${instant(refresh)}, ${until(refresh, nowMs)}`;
  return [
    `Authorized${end}.`,
    ...(access === null ? [] : [`The token holds until ${instant(access)} and is refreshed before.`]),
    ...shops.map(({ id, name, region }) => `shop ${id}: ${name} (${region})`),
    ...(problem === null ? [] : [`The shops cannot be followed yet: ${failureWords(problem, nowMs, 'reading them')}`]),
  ];
};

const codeOf = async (given: string | undefined, session: Session): Promise<string> => {
  const fromInput = given === undefined || given === '-';
  const question = 'The code, or the address that the seller was sent to';
  const pasted = fromInput ? await session.within(askLine(session.host, question, session.signal)) : given;
  const read = authorizationCode(pasted);
  if ('code' in read) return read.code;
  throw new UsageError(`no authorization code: ${read.problem}; see shopsync auth exchange --help`);
};

export const authExchange: Verb = (group, session) => {
  group
    .command('exchange')
    .argument('[code]', 'the code or the address that has it; - or none: the first line of standard input')
    .description('Trade the code of a consent for tokens, with which the daemon goes on at once')
    .addHelpText('after', `${words}\n${example('auth exchange', 'auth exchange - < code.txt')}`)
    .action(async (given: string | undefined) => {
      const code = await codeOf(given, session);
      // An API that is slow is waited for: the code holds for one use.
      const result = await session.tell('auth.exchange', { code }, { long: true });
      const nowMs = session.host.now();
      if (result.problem?.code === 'not_authorized') {
        const { message, hint } = result.problem;
        const why = hint === undefined ? message : `${message} (${hint})`;
        throw new Unsuccessful(`the code was good, but what it allows is not enough: ${why}`, exit.unauthorized);
      }
      session.print(result, (safe) => linesOf(safe, nowMs));
    });
};
