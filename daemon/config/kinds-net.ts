import type { Kind } from './kinds.ts';

/** The beginning of URLs, without a slash at its end, so that paths can be appended as they are signed. */
export const baseUrl: Kind<string> = {
  allowed: 'a URL with http:// or https:// and a host, without user, query or fragment',
  parse: (value) => {
    const url = typeof value === 'string' && /^https?:\/\//i.test(value) ? URL.parse(value) : null;
    if (
      url === null ||
      url.username !== '' ||
      url.password !== '' ||
      url.href.includes('?') ||
      url.href.includes('#')
    ) {
      return undefined;
    }
    return url.href.replace(/\/+$/, '');
  },
};

export interface HostPort {
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  /** 0 lets the kernel choose. */
  readonly port: number;
}

export const hostPort: Kind<HostPort> = {
  allowed: 'host:port, such as 127.0.0.1:8080 or [::1]:8080',
  parse: (value) => {
    const [, bracketed, plain, digits] =
      typeof value === 'string' ? (/^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/@]+)):(\d{1,5})$/i.exec(value) ?? []) : [];
    const host = bracketed ?? plain;
    const port = Number(digits);
    return host !== undefined && port <= 65_535 ? Object.freeze({ host, port }) : undefined;
  },
};

/** Whether what is sent to the host of this URL stays on the machine. */
export function isLoopback(url: string): boolean {
  const host = new URL(url).hostname;
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
