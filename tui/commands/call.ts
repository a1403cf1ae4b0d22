import { json } from '../clean.ts';
import { UsageError } from '../failure.ts';
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

export const call: Verb = (program, session) => {
  program
    .command('call')
    .argument('<method>', 'any method of the daemon; rpc.discover lists them')
    .argument('[json]', 'the params, as a JSON object or array', typedParams)
    .description('Call any method of the daemon and print the result')
    .addHelpText('after', example(`call orders.counts '{"groupBy":"shop"}'`))
    .action(async (method: string, params: object | undefined) => {
      const { client } = await session.open('reading');
      try {
        const result = await session.within(client.callAny(method, params));
        const pretty = session.options.json !== true && session.host.stdout.isTTY;
        session.host.stdout.write(`${json(result, pretty ? 2 : undefined)}\n`);
      } finally {
        client.close();
      }
    });
};
