import type { Method, Params, Result } from '../shared/contract.ts';
import type { Status } from '../shared/views.ts';
import { cleanAll } from './clean.ts';
import type { Client } from './client.ts';
import type { Session, Wants } from './session.ts';

/** What a person calls a shop, by its id. */
export type NameOf = (shop: string) => string;

type Shops = Status['shops'];

/** Its name, with the id where another has the same; the id while no name is known. */
export const shopNames =
  (shops: Shops): NameOf =>
  (id) => {
    const name = shops.find((shop) => shop.id === id)?.name ?? '';
    if (name === '') return id;
    return shops.filter((shop) => shop.name === name).length > 1 ? `${name} (${id})` : name;
  };

/** For a table: what a command takes, and beside it what a person knows. `7490… Demo shop`. */
export const idAndName = (shops: Shops, id: string): string =>
  `${id} ${shops.find((shop) => shop.id === id)?.name ?? ''}`.trimEnd();

/** The shops that the daemon knows. Whoever only wants their names goes on without where they cannot be told. */
const askShops = async (client: Client): Promise<Shops> => {
  try {
    const { shops } = await client.call('status', {}, { timeoutMs: 5000 });
    return cleanAll(shops);
  } catch {
    // The ids stand in for the names.
    return [];
  }
};

/** One call, and beside its result the shops that it speaks of; none are asked for where the result goes out as JSON. */
export const callNamed = async <M extends Method>(
  session: Session,
  wants: Wants,
  method: M,
  params?: Params<M>,
): Promise<{ readonly result: Result<M>; readonly shops: Shops }> =>
  await session.over(wants, async ({ client }) => {
    const result = await client.call(method, params, session.patience(wants));
    return { result, shops: session.options.json === true ? [] : await askShops(client) };
  });
