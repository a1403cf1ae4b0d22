import { type Agent, request } from 'node:http';

/** What came back. */
export interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

interface Asked {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | readonly string[];
  readonly agent?: Agent;
}

/** Asks as any program does that knows HTTP. A body that is a list goes out in chunks. */
export const ask = async (
  socketPath: string,
  { path, method = 'POST', headers = {}, body = '', agent }: Asked,
): Promise<Answer> => {
  const answer = Promise.withResolvers<Answer>();
  const asked = request({ socketPath, path, method, headers: { ...headers }, ...(agent && { agent }) }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    response.on('end', () => answer.resolve({ status: response.statusCode, headers: response.headers, text }));
  });
  asked.on('error', answer.reject);
  if (typeof body === 'string') asked.end(body);
  else {
    for (const chunk of body) asked.write(chunk);
    asked.end();
  }
  return await answer.promise;
};

export const call = (method: string, id?: unknown, params?: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', method, params, id });
/** A request as it stands on the wire. */
export const raw = (body: string, head = ''): string =>
  `POST /rpc HTTP/1.1\r\nHost: d\r\n${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
/** The status of each answer in what came back. */
export const statuses = (text: string): string[] => text.match(/HTTP\/1\.1 \d{3}/g)?.map((line) => line.slice(9)) ?? [];
