import { type Server, type Socket, connect, createServer } from 'node:net';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { folder } from './room.ts';

/** A socket in front of a daemon's, which a test can cut in the middle of anything. It lives as long as the test. */
export class Cuttable {
  readonly path = join(folder(), 'front.sock');
  /** Whether bytes of the daemon are swallowed, as those are that were on their way when a connection broke. */
  isSwallowing = false;
  /** How often somebody came. */
  connections = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(target: string) {
    this.#server = createServer((client) => {
      this.connections++;
      const daemon = connect(target);
      for (const [from, to] of [
        [client, daemon],
        [daemon, client],
      ] as const) {
        this.#sockets.add(from);
        from.on('error', () => {}).on('close', () => (this.#sockets.delete(from), to.destroy()));
        from.on('data', (bytes) => void (from === daemon && this.isSwallowing ? undefined : to.write(bytes)));
      }
    });
    onTestFinished(() => {
      this.cut();
      this.#server.close();
    });
  }

  async open(): Promise<this> {
    const listening = Promise.withResolvers<void>();
    this.#server.listen(this.path, listening.resolve);
    await listening.promise;
    return this;
  }

  /** Ends all connections, without a word. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.isSwallowing = false;
  }
}
