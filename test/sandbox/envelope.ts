import type { Wire } from './faults-wire.ts';

/** An answer before it goes out: status, body, and what else the wire should do with it. */
export interface Reply {
  readonly http: number;
  /** The code of the envelope; undefined for answers without one. */
  readonly code: number | undefined;
  readonly body: Buffer;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How it goes out, where it does not simply go out. */
  readonly wire?: Wire;
  /** Seconds by which the Date header is wrong. */
  readonly dateError?: number;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** A request id as TikTok writes it: the UTC second as 14 digits, then hex. `now` in unix seconds. */
export function requestId(now: number, serial: number): string {
  const second = new Date(Math.floor(now) * 1000).toISOString().replace(/\D/g, '').slice(0, 14);
  return second + serial.toString(16).toUpperCase().padStart(20, '0');
}

/** A failure of the API host: the data is null for the gateway's own, `{}` for those of an endpoint. */
export function failure(http: number, code: number, message: string, id: string, data: null | object = null): Reply {
  return {
    http,
    code,
    contentType: JSON_TYPE,
    body: Buffer.from(JSON.stringify({ code, data, message, request_id: id })),
  };
}

/** A success of the API host, around data that is already JSON. */
export function success(data: readonly Buffer[], id: string): Reply {
  const body = Buffer.concat([
    Buffer.from('{"code":0,"data":'),
    ...data,
    Buffer.from(`,"message":"Success","request_id":"${id}"}`),
  ]);
  return { http: 200, code: 0, contentType: JSON_TYPE, body };
}

/** An answer of the token host: HTTP 200 whatever happened, keys in another order, `success` in lower case. */
export function tokenAnswer(code: number, message: string, data: object | null, id: string): Reply {
  const body = Buffer.from(JSON.stringify({ code, message, data, request_id: id }));
  return { http: 200, code, contentType: JSON_TYPE, body };
}

export function plain(http: number, text: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { http, code: undefined, contentType: 'text/plain; charset=utf-8', body: Buffer.from(text), headers };
}

/** Lists of JSON texts as one JSON array, without parsing them again. */
export function arrayOf(texts: readonly Buffer[]): Buffer[] {
  const comma = Buffer.from(',');
  const parts: Buffer[] = [Buffer.from('[')];
  texts.forEach((text, index) => {
    if (index > 0) parts.push(comma);
    parts.push(text);
  });
  parts.push(Buffer.from(']'));
  return parts;
}
