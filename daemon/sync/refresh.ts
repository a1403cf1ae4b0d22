import type { Run } from '../../shared/run-views.ts';
import { AppError } from '../errors.ts';
import { shuttingDown } from './failures.ts';
import type { Work } from './run.ts';

interface Requested {
  readonly started: { readonly kind: string; readonly joined: boolean };
  readonly ended: Promise<Run>;
}

interface Live {
  /** Asks for what is new. */
  readonly request: () => Promise<Requested>;
  /** The full run under way. */
  readonly full: () => Pick<Work, 'live' | 'liveRead'> | undefined;
}

/**
 * Resolves when a live run that began after the call has ended well.
 * @throws AppError why it did not, or the reason of `signal`: who is stopped waits no longer, and asks for nothing more.
 */
export async function refreshed(live: Live, signal: AbortSignal): Promise<void> {
  const stopped = Promise.withResolvers<never>();
  // The race below tells it.
  stopped.promise.catch(() => undefined);
  const stop = (): void => stopped.reject(signal.reason);
  signal.addEventListener('abort', stop);
  try {
    signal.throwIfAborted();
    await Promise.race([stopped.promise, following(live, signal)]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function following({ request, full }: Live, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { started, ended } = await request();
    const reading = started.kind === 'full' ? full() : undefined;
    await Promise.race([ended, reading?.live ?? ended]);
    // A full run reads what is new first: nobody waits for its history.
    const run = reading?.liveRead === true ? undefined : await ended;
    if (run?.state === 'interrupted') throw shuttingDown();
    if (run?.state === 'failed')
      throw new AppError('transient', 'api', `what is new could not be read: ${run.error?.message ?? 'see the log'}`, {
        ...(run.error?.hint !== undefined && { hint: run.error.hint }),
      });
    // One that was joined may have read what is new before.
    if (!started.joined && run?.state !== 'cancelled') return;
  }
}
