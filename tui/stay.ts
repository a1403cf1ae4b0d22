import type { Event, Topic } from '../shared/views.ts';
import { Link, type LinkOptions, type LinkState } from './link.ts';
import type { Reached } from './reach.ts';
import type { Session } from './session.ts';

export interface Staying {
  readonly topics: readonly Topic[];
  readonly onEvent: (event: Event) => void;
  readonly onState: (state: LinkState) => void;
  /** After each (re)connect, once subscribed. */
  readonly onUp?: LinkOptions['onUp'];
}

/**
 * Follows what happens until the user interrupts or --timeout passes. Without a daemon at the beginning it throws
 * Unsuccessful (exit status 2); one that goes away later is waited for.
 */
export const stay = async (session: Session, { onUp, ...staying }: Staying): Promise<void> => {
  const { host } = session;
  const leave = new AbortController();
  const forget = host.onInterrupt(() => leave.abort());
  try {
    let first: Reached | undefined = await session.open('reading');
    const skew = await session.within(session.greet(first));
    if (skew !== undefined) host.stderr.write(`shopsync: ${skew}\n`);
    const link = new Link({
      ...staying,
      reach: async () => {
        const reached = first ?? (await session.open('reading'));
        first = undefined;
        return reached;
      },
      onUp: onUp ?? (async () => {}),
      now: host.now,
      signal: AbortSignal.any([session.signal, leave.signal]),
    });
    await session.within(link.run());
  } finally {
    forget();
  }
};

/** One line on stderr when the daemon is lost, and one when it is back: for output that carries nothing but data. */
export const sayLost = (session: Session): ((state: LinkState) => void) => {
  let lost = false;
  return (state) => {
    if (state.kind === 'connecting' || lost === (state.kind === 'down')) return;
    lost = state.kind === 'down';
    const words = state.kind === 'down' ? `lost the daemon, trying again: ${state.why}` : 'the daemon is back';
    session.host.stderr.write(`shopsync: ${words}\n`);
  };
};
