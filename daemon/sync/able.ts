import { AppError } from '../errors.ts';
import type { Stream } from '../streams/stream.ts';
import type { Ask } from './asks.ts';

/** What of a stream tells what may be asked of it. */
export type Abilities = Pick<Stream<unknown>, 'name' | 'statuses' | 'closed' | 'audit'> & {
  readonly table: { readonly columns: Stream<unknown>['table']['columns'] };
};

/** Open records of it can be told from closed ones, and young ones from old. */
export const isRecheckable = ({ closed, table }: Abilities): boolean =>
  closed !== undefined && table.columns.created !== undefined;

interface Need {
  readonly words: string;
  readonly has: (stream: Abilities) => boolean;
}

/** What an ask needs that not every stream has. */
function needOf(ask: Ask): Need | undefined {
  switch (ask.what) {
    case 'sync':
    case 'resync':
      return undefined;
    case 'span':
      if (ask.statuses === undefined) return undefined;
      return { words: 'be read by status', has: ({ statuses }) => statuses !== undefined };
    case 'recheck':
      return { words: 'be checked again by id', has: isRecheckable };
    case 'audit':
      return { words: 'be audited', has: ({ audit }) => audit !== undefined };
    default:
      return ask satisfies never;
  }
}

/**
 * The streams that an ask is for: those that are named, else all that can do it. Names of no stream are left in.
 * @param named undefined: none is.
 * @returns undefined for all of them.
 * @throws AppError `invalid_params` for one that is named and cannot, and when none can.
 */
export function ableTo(
  ask: Ask,
  streams: readonly Abilities[],
  named: readonly string[] | undefined,
): readonly string[] | undefined {
  const need = needOf(ask);
  if (need === undefined) return named;
  const able = streams.filter(need.has).map(({ name }) => name);
  const refuse = (words: string, hint: string): never => {
    throw new AppError('usage', 'invalid_params', `Invalid params: stream: ${words} ${need.words}`, { hint });
  };
  if (able.length === 0) refuse('none of those that are synced can', 'sync.streams says which are synced');
  const unable = streams.find(({ name }) => named?.includes(name) === true && !able.includes(name));
  if (unable !== undefined) refuse(`${unable.name} cannot`, `one of: ${able.join(', ')}`);
  return named ?? able;
}
