import type { ReadStream, WriteStream } from 'node:tty';

/** What the client needs of the process that it runs in. */
export interface Host {
  /** The arguments after the program's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Calls back when the user interrupts; the returned function stops listening. */
  readonly onInterrupt: (listener: () => void) => () => void;
}

/** Whether colours may be used on a stream, by NO_COLOR, TERM=dumb and the stream itself. */
export const colorsOn = (host: Host, stream: WriteStream, wanted: boolean): boolean =>
  wanted && stream.isTTY && (host.env['NO_COLOR'] ?? '') === '' && host.env['TERM'] !== 'dumb';

/** Whether a person sits at both ends, so that questions can be asked. */
export const isConversation = (host: Host): boolean => host.stdin.isTTY && host.stderr.isTTY;
