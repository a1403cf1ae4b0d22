import type { Stream } from '../../../daemon/streams/stream.ts';
import type { WireTimers } from '../tiktok/wire-timers.ts';

/**
 * A stream that holds the time while a page is being stored.
 * @param stored called with each id that has been.
 */
export function timed<R>(stream: Stream<R>, timers: WireTimers, stored: (id: string) => void = () => {}): Stream<R> {
  return {
    ...stream,
    async *read(window, context) {
      for await (const page of stream.read(window, context)) {
        timers.sent();
        try {
          yield page;
        } finally {
          timers.answered();
        }
        for (const record of page.records) stored(stream.table.idOf(record));
      }
    },
  };
}
