import { expect, test } from 'vitest';

import { baseUrl, hostPort, isLoopback } from '../../../daemon/config/kinds-net.ts';
import { clockSpan, cron, timeZone, utcDate } from '../../../daemon/config/kinds-time.ts';
import {
  duration,
  flag,
  integer,
  type Kind,
  list,
  listOf,
  number,
  oneOf,
  orOff,
  orUnset,
  socketPath,
  text,
} from '../../../daemon/config/kinds.ts';

const cases = <T>(kind: Kind<T>, good: readonly (readonly [unknown, T])[], bad: readonly unknown[]) => ({
  kind,
  good,
  bad,
});

test.each([
  [
    'text',
    cases<unknown>(
      text,
      [
        ['a b', 'a b'],
        [12, '12'],
        [7494049642642441621n, '7494049642642441621'],
      ],
      ['', ' ', 'a\nb', true, 1.5],
    ),
  ],
  [
    'number',
    cases<unknown>(
      number(1, 10_000),
      [
        [1, 1],
        ['2.5', 2.5],
        ['10000', 10_000],
      ],
      [0, 0.99, 10_001, '1e3', '', ' 5', NaN, Infinity, 5n],
    ),
  ],
  [
    'integer',
    cases<unknown>(
      integer(1, 10),
      [
        [1, 1],
        ['10', 10],
      ],
      [1.5, '1.5', 0, 11],
    ),
  ],
  [
    'duration',
    cases<unknown>(
      duration('1ms', '1d'),
      [
        ['1ms', 1],
        ['24h', 86_400_000],
      ],
      ['0s', '25h', 20, '20', 'off'],
    ),
  ],
  [
    'flag',
    cases<unknown>(
      flag,
      [
        [true, true],
        ['true', true],
        ['on', true],
        [false, false],
        ['off', false],
      ],
      [1, 'yes', '', 'TRUE'],
    ),
  ],
  ['word', cases<unknown>(oneOf(['a', 'b']), [['b', 'b']], ['A', 'c', 1])],
  [
    'list',
    cases<unknown>(
      list,
      [
        ['1, 2,', ['1', '2']],
        [
          ['x', 5, 7494049642642441621n],
          ['x', '5', '7494049642642441621'],
        ],
        ['', []],
      ],
      [5, [''], [true], [[]]],
    ),
  ],
  [
    'list of words',
    cases<unknown>(
      listOf(['a', 'b', 'c']),
      [
        ['b', ['b']],
        ['c, a,a', ['a', 'c']],
        [
          ['b', 'a'],
          ['a', 'b'],
        ],
      ],
      ['', [], 'a,d', ['A'], 5],
    ),
  ],
  [
    'orOff',
    cases<unknown>(
      orOff(integer(1, 9)),
      [
        ['off', null],
        [5, 5],
      ],
      ['Off', false, null],
    ),
  ],
  [
    'orUnset',
    cases<unknown>(
      orUnset(text),
      [
        [undefined, null],
        ['a', 'a'],
      ],
      ['', null],
    ),
  ],
  [
    'socket',
    cases<unknown>(
      socketPath,
      [[`/${'a'.repeat(106)}`, `/${'a'.repeat(106)}`]],
      [`/${'a'.repeat(107)}`, '', 1, '/a\0'],
    ),
  ],
  [
    'url',
    cases<unknown>(
      baseUrl,
      [
        ['https://api.example.com/', 'https://api.example.com'],
        ['http://127.0.0.1:80/v1/', 'http://127.0.0.1/v1'],
      ],
      ['api.example.com', 'ftp://x', 'https://u:p@x', 'https://x?a', 'https://x#a', 'https://', 5],
    ),
  ],
  [
    'host',
    cases<unknown>(
      hostPort,
      [
        ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
        ['[::1]:65535', { host: '::1', port: 65_535 }],
        ['a.b:80', { host: 'a.b', port: 80 }],
      ],
      [':80', '80', 'a', 'a:65536', '::1:80', 'a:b', 8080],
    ),
  ],
  [
    'cron',
    cases<unknown>(
      cron,
      [
        ['*/15 * * * *', '*/15 * * * *'],
        ['0 6 * * MON-FRI', '0 6 * * MON-FRI'],
        ['0 0 29 2 *', '0 0 29 2 *'],
      ],
      ['* * * * * *', '61 * * * *', '0 0 31 2 *', '', 'x', 5, '2030-01-01T00:00:00'],
    ),
  ],
  [
    'zone',
    cases<unknown>(
      timeZone,
      [
        ['Europe/London', 'Europe/London'],
        ['UTC', 'UTC'],
      ],
      ['Mars/Olympus', '+02:00', '', 2],
    ),
  ],
  [
    'date',
    cases<unknown>(
      utcDate,
      [
        ['2020-01-01', 1_577_836_800],
        ['1970-01-01', 0],
      ],
      ['2020-02-30', '2020-1-1', '2020-01-01T00:00:00Z', '1969-12-31', 2020, new Date(NaN)],
    ),
  ],
  [
    'hours',
    cases<unknown>(
      clockSpan,
      [
        ['01:00-06:00', { fromMinute: 60, toMinute: 360 }],
        ['22:30-05:00', { fromMinute: 1350, toMinute: 300 }],
        ['00:00-24:00', { fromMinute: 0, toMinute: 1440 }],
      ],
      ['1:00-6:00', '01:00-01:00', '01:60-02:00', '24:00-01:00', '25:00-26:00', '01:00', 5],
    ),
  ],
])('%s takes what is allowed and nothing else', (_, { kind, good, bad }) => {
  for (const [given, meant] of good) expect([given, kind.parse(given)]).toEqual([given, meant]);
  for (const given of bad) {
    let result: unknown;
    try {
      result = kind.parse(given);
    } catch (error) {
      result = error;
    }
    expect([given, result]).toEqual([given, undefined]);
  }
});

test('knows which hosts stay on the machine', () => {
  for (const url of ['http://localhost:1', 'http://127.8.9.1', 'http://[::1]:80', 'http://a.localhost']) {
    expect([url, isLoopback(url)]).toEqual([url, true]);
  }
  for (const url of ['http://127.evil.com', 'http://10.0.0.1', 'http://localhost.com', 'http://[::2]']) {
    expect([url, isLoopback(url)]).toEqual([url, false]);
  }
});
