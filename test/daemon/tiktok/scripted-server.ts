import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';

import { onTestFinished } from 'vitest';

export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** The query as it stood in the URL. */
  readonly rawQuery: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What to answer: an envelope, or a raw body; or a function that does with the socket what it likes. */
export type Reply =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly json?: unknown;
      readonly text?: string;
    }
  | ((response: ServerResponse) => void);

export interface ScriptedServer {
  readonly url: string;
  readonly heard: Heard[];
}

/** A real HTTP server on a free port that answers as `script` says; closed when the test ends. */
export async function scriptedServer(
  script: (heard: Heard, nth: number) => Reply | Promise<Reply>,
): Promise<ScriptedServer> {
  const heard: Heard[] = [];
  const server: Server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(Buffer.from(chunk));
      const url = new URL(request.url ?? '/', 'http://host');
      const one: Heard = {
        method: request.method ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        rawQuery: url.search.slice(1),
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      heard.push(one);
      const reply = await script(one, heard.length - 1);
      if (typeof reply === 'function') return reply(response);
      response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
      response.end(reply.text ?? JSON.stringify(reply.json));
    })();
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, heard };
}

export const ok = (data: unknown): Reply => ({ json: { code: 0, message: 'Success', data, request_id: 'r' } });

export const failed = (status: number, code: number, message: string, headers: Record<string, string> = {}): Reply => ({
  status,
  headers,
  json: { code, message, data: null, request_id: 'r' },
});
