import type { Command } from 'commander';

import { meant } from '../../shared/nearest.ts';
import { json } from '../clean.ts';
import { UsageError } from '../failure.ts';
import type { Session } from '../session.ts';
import { type Verb, example } from './verb.ts';

/** Params as JSON-RPC allows them: an object, an array, or none. Throws UsageError. */
const typedParams = (text: string): object => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`the params are no JSON: ${text}`);
  }
  if (typeof value !== 'object' || value === null) throw new UsageError('the params are a JSON object or array');
  return value;
};

/** The help of the command, or of one method; the schemas that tell of it are loaded only here. */
const explain = async (command: Command, method: string | undefined, { host }: Session): Promise<void> => {
  if (method === undefined) return command.outputHelp();
  const { methodHelp, methodNames } = await import('../../shared/method-help.ts');
  const lines = methodHelp(method);
  if (lines.length === 0) {
    throw new UsageError(
      `there is no method "${method}"; shopsync call rpc.discover lists them all${meant(method, methodNames)}`,
    );
  }
  host.stdout.write(`${lines.join('\n').trimEnd()}\n`);
};

interface Options {
  readonly help?: boolean;
}

export const call: Verb = (program, session) => {
  const command = program
    .command('call')
    .argument('[method]', 'any method of the daemon; rpc.discover lists them')
    .argument('[json]', 'the params, as a JSON object or array', typedParams)
    .description('Call any method of the daemon and print the result')
    // Its own, since it takes a method.
    .helpOption(false)
    .option('-h, --help', 'this, or with a method what that takes and gives')
    .addHelpText('after', example(`call orders.counts '{"groupBy":"shop"}'`, 'call --help orders.list'));
  command.action(async (method: string | undefined, params: object | undefined, { help }: Options) => {
    if (help === true) return await explain(command, method, session);
    if (method === undefined) throw new UsageError('call takes a METHOD; shopsync call --help tells more');
    const result = await session.over('reading', ({ client }) => client.callAny(method, params));
    const pretty = session.options.json !== true && session.host.stdout.isTTY;
    session.host.stdout.write(`${json(result, pretty ? 2 : undefined)}\n`);
  });
};
