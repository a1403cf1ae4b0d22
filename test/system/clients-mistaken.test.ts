import { expect, test } from 'vitest';

import { clientScript, deadlineMs, messagesIn, request, run, SlowDaemon } from './programs.ts';

const slow = new SlowDaemon();
const options = { timeout: deadlineMs * 2 };
/** Nothing here has to wait for the API, milliseconds. */
const soonMs = 2000;

/** A good call, and what it brings: the proof that the connection, or the daemon, goes on. */
const good = request('hello', {}, 'good');
const well = { jsonrpc: '2.0', id: 'good', result: { server: 'shopsyncd' } };

const refused = (code: number, error: object = {}, id: unknown = null): object => ({
  jsonrpc: '2.0',
  id,
  error: { code, ...error },
});
const parseError = (data: object): object => refused(-32700, { message: 'Parse error', data });
const invalid = (data: object, id: unknown = null): object => refused(-32600, { message: 'Invalid Request', data }, id);
const badParams = (pattern: RegExp, id: string): object =>
  refused(-32602, { message: expect.stringMatching(pattern) }, id);
const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);

const notification = '{"jsonrpc":"2.0","method":"hello"}';
const tooLong = request('hello', { client: 'x'.repeat(2_000_000) });
const depth = { hint: expect.stringContaining('64'), limit: 64 };
const tooMany = { hint: expect.stringContaining('100'), limit: 100 };
const noMethod = (id: string): object =>
  refused(-32601, { data: { code: 'unknown_method', hint: expect.stringContaining(`"${id}"`) } }, id);
const mixed = `[${good},${notification},${request('statsu')},7,{"jsonrpc":"2.0","id":null,"method":"hello"}]\n`;

interface Mistake {
  readonly sent: string | Uint8Array;
  /** Everything that comes before the end. */
  readonly answers: readonly unknown[];
}

/** What goes wrong when JSON is made by hand or by a program under construction. */
const mistakes: Readonly<Record<string, Mistake>> = {
  'a word that is no JSON': { sent: `status\n${good}\n`, answers: [parseError({ offset: 0 }), well] },
  'a comma left out': {
    sent: `{"jsonrpc":"2.0","method":"hello" "id":1}\n${good}\n`,
    answers: [parseError({ offset: 34 }), well],
  },
  'a string left open at the end of its line': {
    sent: `{"jsonrpc":"2.0","method":"hello\n${good}\n`,
    answers: [parseError({ code: 'parse_error', offset: 32 }), well],
  },
  'an object left open at the end of its line': {
    sent: `{"jsonrpc":"2.0","method":"hello"\n${good}\n`,
    answers: [parseError({ offset: 34 }), well],
  },
  'half a message, then the end': {
    sent: `${good}{"jsonrpc":"2.0","id":1,"meth`,
    answers: [parseError({ hint: 'the message ends in its middle', offset: 29 }), well],
  },
  'a NUL': { sent: `\0\n${good}\n`, answers: [parseError({ offset: 0 }), well] },
  'no UTF-8': {
    sent: Buffer.concat([Buffer.from('{"a":"'), Buffer.of(0xff), Buffer.from(`"}\n${good}\n`)]),
    answers: [parseError({ hint: 'not UTF-8' }), well],
  },
  'the beginning of TLS': {
    sent: Buffer.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3),
    answers: [parseError({ offset: 0 })],
  },
  'eleven faults in a row, of which ten are answered': {
    sent: `${'nonsense\n'.repeat(11)}${good}\n`,
    answers: times(10, parseError({ offset: 1 })),
  },
  'nine faults in a row, twice, with a good call after each': {
    sent: `${'nonsense\n'.repeat(9)}${good}\n`.repeat(2),
    answers: [...times(9, parseError({})), well, ...times(9, parseError({})), well],
  },
  'an empty batch': { sent: `[]\n${good}\n`, answers: [invalid({ hint: expect.any(String) }), well] },
  'a batch of 101': { sent: `[${times(101, good).join()}]\n`, answers: [invalid(tooMany)] },
  'a batch of calls, notifications and nonsense': {
    sent: mixed,
    answers: [[well, noMethod('statsu'), invalid({}), { ...well, id: null }]],
  },
  'a batch of notifications alone': { sent: `[${notification},${notification}]\n`, answers: [] },
  'a notification of a method that is not there': { sent: '{"jsonrpc":"2.0","method":"statsu"}\n', answers: [] },
  'no version': { sent: '{"id":1,"method":"hello"}\n', answers: [invalid({ code: 'invalid_request' }, 1)] },
  'an id that is an object': { sent: '{"jsonrpc":"2.0","id":{},"method":"hello"}\n', answers: [invalid({})] },
  'a method that is not there': { sent: `${request('statsu')}\n`, answers: [noMethod('statsu')] },
  'a method by the name of a property that all objects have': {
    sent: `${request('constructor')}${request('__proto__')}`,
    answers: [noMethod('constructor'), noMethod('__proto__')],
  },
  'a param that is not there': {
    sent: `${request('sync', { strem: 'orders' })}\n`,
    answers: [badParams(/"strem"; allowed: stream, .*did you mean "stream"\?$/, 'sync')],
  },
  'a param of the wrong type, deep inside': {
    sent: `${request('orders.list', { filter: { status: ['UNPAID', 7] } })}\n`,
    answers: [badParams(/ filter\.status\[1\]: .*expected string/, 'orders.list')],
  },
  '2 MB: the error can be read, and then the connection ends': {
    sent: `${good}\n${tooLong}\n${good}\n`,
    answers: [invalid({ limit: 1_048_576, hint: expect.stringContaining('1048576') }), well],
  },
  'arrays 65 deep': { sent: `${'['.repeat(65)}${']'.repeat(65)}\n${good}\n`, answers: [invalid(depth), well] },
  'arrays 100000 deep': { sent: `${'['.repeat(100_000)}\n${good}\n`, answers: [invalid(depth), well] },
  'a number of 2000 digits': {
    sent: `{"jsonrpc":"2.0","id":${'1'.repeat(2000)},"method":"hello"}\n${good}\n`,
    answers: [refused(-32602, { data: { limit: 1024 } }), well],
  },
};

const nc = async (input: string | Uint8Array): Promise<string> => {
  const { status, stdout, stderr, ms } = await run(['nc', '-N', '-U', slow.socket], { input });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(ms).toBeLessThan(soonMs);
  return stdout;
};

/** Answers of calls may overtake each other, and those of faults what was asked before them. */
const inAnyOrder = (messages: readonly unknown[]): unknown[] =>
  messages.toSorted(
    (a, b) => Number(JSON.stringify(a).includes('"good"')) - Number(JSON.stringify(b).includes('"good"')),
  );

test.each(Object.entries(mistakes))('lesson 4, lesson 5: nc sends %s', options, async (_name, { sent, answers }) => {
  const got = messagesIn(await nc(sent));
  expect(inAnyOrder(got)).toMatchObject(inAnyOrder(answers));
  expect(messagesIn(await nc(`${good}\n`))).toMatchObject([well]);
});

test.each(['9007199254740993', '-0', '1.0', '1e400', '"1"', '""', 'null'])(
  'the id %s is echoed exactly',
  options,
  async (id) => {
    const said = await nc(
      `{"jsonrpc":"2.0","id":${id},"method":"hello"}\n{"jsonrpc":"2.0","id":${id},"method":"statsu"}\n`,
    );
    const lines = said.split('\n').filter((line) => line !== '');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line.endsWith(`,"id":${id}}`), line).toBe(true);
  },
);

test('what is not ASCII comes back escaped', options, async () => {
  const said = await nc(`${request('sync', { stream: 'заказы 😀' }, 'ü')}\n`);
  expect(said).toMatch(/^[\u0020-\u007e]+\n$/);
  expect(messagesIn(said)).toMatchObject([refused(-32014, { message: expect.stringContaining('заказы 😀') }, 'ü')]);
});

const pretty = JSON.stringify(JSON.parse(good), null, 2);

test.each([
  ['back to back without separator', `${good}${good}`, '\n\n'],
  ['pretty-printed, with a newline', `${pretty}\n${pretty}\n`, '\n'],
  ['pretty-printed, without', `${pretty}${pretty}`, '\n\n'],
  ['after a byte order mark and blank lines', `\ufeff\n\n${good}\n${good}\n`, '\n'],
  ['ending in CR LF', `${good}\r\n${good}\r\n`, '\n'],
  ['ending in an empty line', `${good}\n\n${good}\n\n`, '\n\n'],
])('lesson 2: two calls %s', options, async (_name, sent, end) => {
  const said = await nc(sent);
  const [first = '', second = '', ...more] = said.split(end);
  expect(more).toEqual(['']);
  for (const one of [first, second]) {
    expect(one).not.toContain('\n');
    expect(JSON.parse(one)).toMatchObject(well);
  }
});

test('lesson 3: Python sends byte by byte, with pauses', options, async () => {
  const args = [clientScript('bytewise.py'), slow.socket, request('hello', { client: 'ü€😀' }, 'good'), 'oops', pretty];
  const { status, stdout, stderr } = await run(['python3', ...args], {});
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(messagesIn(stdout)).toMatchObject([well, parseError({ offset: 0 }), well]);
});

test.each(['ncat -U "$SOCKET"', 'socat -t5 - UNIX-CONNECT:"$SOCKET"', 'python3 "$SCRIPT" "$SOCKET"'])(
  'lesson 5: %s may send 2 MB to the end, and reads the error after it',
  options,
  async (line) => {
    const env = { SOCKET: slow.socket, SCRIPT: clientScript('whole.py') };
    const { status, stdout, stderr } = await run(['sh', '-c', line], { input: tooLong, env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(messagesIn(stdout)).toMatchObject([invalid({ limit: 1_048_576 })]);
  },
);

const curl = async (...args: readonly string[]): Promise<string> => {
  const format = ['-w', '%{http_code}', '--unix-socket', slow.socket];
  const { status, stdout, stderr } = await run(['curl', '-sS', ...format, ...args], { input: tooLong });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
};

test.each([
  ['no JSON', ['http://d/rpc', '-d', 'nonsense'], '200', parseError({ offset: 1 })],
  ['a method that is not there', ['http://d/rpc', '-d', request('statsu')], '200', noMethod('statsu')],
  ['2 MB', ['http://d/rpc', '--data-binary', '@-'], '413', invalid({ limit: 1_048_576 })],
  ['GET where POST belongs', ['http://d/rpc'], '405', { error: { code: 'method_not_allowed' } }],
  ['a path that is not there', ['http://d/status'], '404', { error: { code: 'not_found' } }],
] as const)('lesson 4, lesson 5: curl sends %s', options, async (_name, args, code, answer) => {
  const [body = '', status] = (await curl(...args)).split('\n');
  expect(status).toBe(code);
  expect(JSON.parse(body)).toMatchObject(answer);
});

test('after all of it the daemon has logged no failure, and stops as it should', options, async () => {
  expect(slow.daemon.log.filter(({ level }) => level !== 'info' && level !== 'debug')).toEqual([]);
  expect(await slow.daemon.kill('SIGTERM')).toEqual({ status: 0, signal: null });
  expect(slow.daemon.stderr).toBe('');
});
