import { STATUS_CODES } from 'node:http';

import { asciiJson } from '../../shared/ascii.ts';
import { type WireError, wireError } from './errors.ts';

/** An answer over HTTP, as far as it is ours to choose. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const json = 'application/json';

/** A JSON-RPC answer. `text` is its JSON. */
export const rpcReply = (status: number, text: string): Reply => ({
  status,
  headers: { 'Content-Type': json },
  body: `${text}\n`,
});

/** What could not be done outside of JSON-RPC: `{error: {code, message, hint}}`. */
export const errorReply = (status: number, error: object, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers: { 'Content-Type': json, ...headers },
  body: `${asciiJson({ error })}\n`,
});

/** The same of an error object. */
export const failure = (status: number, { message, data: { code, hint } }: WireError): Reply =>
  errorReply(status, { code, message, ...(hint === undefined ? {} : { hint }) });

export const notFound = errorReply(404, {
  code: 'not_found',
  message: 'there is nothing here',
  hint: 'POST /rpc takes JSON-RPC; GET /health and GET /metrics tell how the daemon does',
});

export const methodNotAllowed = (allowed: string): Reply =>
  errorReply(
    405,
    { code: 'method_not_allowed', message: 'this method is not for this path', hint: `use ${allowed}` },
    { Allow: allowed },
  );

export const unsupported = errorReply(415, {
  code: 'unsupported_encoding',
  message: 'the body is compressed',
  hint: 'send it as it is, without Content-Encoding',
});

export const expectationFailed = errorReply(417, {
  code: 'expectation_failed',
  message: 'no expectation but 100-continue can be met',
  hint: 'leave the Expect header out',
});

export const timedOut = failure(408, wireError('invalid_request', 'the request stopped in its middle'));

/** The bytes of an answer that ends the connection, for where no request is there to answer. */
export const plainHttp = ({ status, headers, body }: Reply): string =>
  [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...Object.entries({ ...headers, 'Content-Length': String(Buffer.byteLength(body)), Connection: 'close' }).map(
      ([name, value]) => `${name}: ${value}`,
    ),
    '',
    body,
  ].join('\r\n');
