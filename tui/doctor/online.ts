import type { Result } from '../../shared/contract.ts';
import { PROTOCOL } from '../../shared/protocol.ts';
import type { Status } from '../../shared/views.ts';
import { cleanAll } from '../clean.ts';
import { TimeoutError } from '../client.ts';
import { Unsuccessful, exit, oneLine } from '../failure.ts';
import { ago, until } from '../format.ts';
import { silenceWords } from '../mend.ts';
import type { Reached } from '../reach.ts';
import type { Session } from '../session.ts';
import { skewWords } from '../skew.ts';
import { type Finding, bad, good } from './finding.ts';

const answerWithin = { timeoutMs: 5000 };

/** What the daemon says of itself; `status` is undefined when none was reached or it did not tell. */
export interface Online {
  /** Reached through observe.sock: its files are not for this user. */
  readonly readOnly: boolean;
  readonly findings: readonly Finding[];
  readonly status: Status | undefined;
}

const tokenFinding = ({ api }: Status, nowMs: number): readonly Finding[] => {
  const told = api.flatMap(({ tokenExpiresAt }) => (tokenExpiresAt === null ? [] : [tokenExpiresAt]));
  const [first] = told.toSorted();
  if (first === undefined) return [];
  return Date.parse(first) > nowMs
    ? [good('token', `expires ${until(first, nowMs, 1)}; the daemon refreshes it`)]
    : [bad('token', `expired ${ago(first, nowMs)}`, 'authorize again: shopsync auth url')];
};

const shopFinding = ({ shops, problem }: Status): Finding => {
  if (problem !== null) return bad('shops', problem.message, problem.hint);
  const names = shops.map(({ id, name }) => `${name} (${id})`).join(', ');
  return good('shops', shops.length === 0 ? 'none is known yet' : names);
};

const healthFindings = ({ checks }: Result<'health'>): readonly Finding[] =>
  checks.map(({ name, ok, detail }) =>
    ok
      ? good(`health: ${name}`, detail)
      : bad(`health: ${name}`, detail, 'see shopsync status and shopsync logs --level warn'),
  );

const ask = async (session: Session, { client, path, readOnly }: Reached): Promise<Online> => {
  const hello = await session.within(client.call('hello', {}, answerWithin)).catch((error: unknown) => {
    throw new Unsuccessful(silenceOr(error, path, session));
  });
  const status = cleanAll(await session.within(client.call('status', {}, answerWithin)));
  const health = cleanAll(await session.within(client.call('health', {}, answerWithin)));
  const nowMs = session.host.now();
  const skew = skewWords(hello, { socket: path, pid: status.pid, args: ['status'] });
  return {
    status,
    readOnly,
    findings: [
      good(
        'daemon',
        `shopsyncd ${hello.version}, pid ${status.pid}, started ${ago(status.startedAt, nowMs)}, at ${path}${readOnly ? ' (read only)' : ''}`,
      ),
      skew === undefined ? good('protocol', `both speak ${PROTOCOL}`) : bad('protocol', skew),
      shopFinding(status),
      ...tokenFinding(status, nowMs),
      ...healthFindings(health),
    ],
  };
};

const silenceOr = (error: unknown, path: string, { host, options }: Session): string => {
  if (error instanceof TimeoutError) return silenceWords(path, '5 s', host);
  const isOver = error instanceof Unsuccessful && error.status === exit.timeout;
  return isOver ? silenceWords(path, `${options.timeout} (--timeout)`, host) : oneLine(error);
};

/** Asks the daemon, if there is one. Never throws for what it says or does not say. */
export const askOnline = async (session: Session): Promise<Online> => {
  try {
    const reached = await session.open('reading');
    try {
      return await ask(session, reached);
    } finally {
      reached.client.close();
    }
  } catch (error) {
    return {
      status: undefined,
      readOnly: false,
      findings: [bad('daemon', oneLine(error).replace(/^no daemon: /, ''))],
    };
  }
};
