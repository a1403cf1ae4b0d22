import { join } from 'node:path';

import { describe, expect, it, vi } from 'vitest';

import { runClient } from './client-process.ts';
import { type FakeDaemon, Refusal } from './fake-daemon.ts';
import { folder, startDaemon } from './room.ts';
import { failure, run, status, stream } from './samples.ts';

vi.setConfig({ testTimeout: 30_000 });

const accepted = { runId: 'run-1', stream: 'orders', shop: '7000000000001', kind: 'full', joined: false };

const ending =
  (state: 'failed' | 'cancelled' | 'interrupted', code = 'api') =>
  (daemon: FakeDaemon) => {
    daemon.scripts.set('sync', () => ({ runs: [accepted] }));
    daemon.scripts.set('history', () => ({ runs: [run({ state, error: failure({ code }) })] }));
  };

const refusing = (method: string, code: ConstructorParameters<typeof Refusal>[0]) => (daemon: FakeDaemon) => {
  daemon.scripts.set(method, () => {
    throw new Refusal(code, 'it is so', 'do this');
  });
};

const nothing = (): void => {};
const freeze = (daemon: FakeDaemon): void => {
  daemon.frozen = true;
};

interface Row {
  readonly exit: number;
  readonly args: readonly string[];
  readonly daemon?: (daemon: FakeDaemon) => void;
}

const rows: readonly Row[] = [
  { exit: 0, args: ['status'], daemon: nothing },
  { exit: 0, args: ['--version'] },
  { exit: 0, args: ['--help'] },
  { exit: 0, args: ['call', '--help', 'status'] },
  { exit: 0, args: ['call', '--help'] },
  { exit: 0, args: ['help'] },
  { exit: 1, args: ['auth', 'exchange', 'ROW_code'], daemon: refusing('auth.exchange', 'api') },
  { exit: 1, args: ['backup', '/x.db'], daemon: refusing('backup', 'store') },
  { exit: 1, args: ['cancel', 'r9'], daemon: refusing('cancel', 'unknown_run') },
  { exit: 1, args: ['pause'], daemon: refusing('pause', 'read_only') },
  { exit: 1, args: ['resume'], daemon: refusing('resume', 'shutting_down') },
  { exit: 1, args: ['schedule'], daemon: refusing('schedule.get', 'internal') },
  { exit: 1, args: ['schedule', 'set', 'orders', '61 * * * *'], daemon: refusing('schedule.set', 'invalid_params') },
  { exit: 1, args: ['sync', '--status', 'UNPIAD'], daemon: refusing('sync', 'invalid_params') },
  { exit: 1, args: ['logs'], daemon: refusing('logs', 'limit') },
  { exit: 1, args: ['call', 'nope'], daemon: refusing('nope', 'unknown_method') },
  { exit: 1, args: ['orders', 'show', '1'], daemon: refusing('orders.get', 'unknown_order') },
  { exit: 1, args: ['sync', '--wait'], daemon: ending('failed') },
  { exit: 1, args: ['sync', '--wait'], daemon: ending('cancelled') },
  { exit: 1, args: ['sync', '--wait'], daemon: ending('interrupted') },
  { exit: 2, args: ['status'] },
  { exit: 2, args: ['sync', '--wait'] },
  { exit: 2, args: ['watch'] },
  { exit: 2, args: ['logs', '--follow'] },
  { exit: 2, args: ['call', 'status'] },
  { exit: 2, args: ['auth', 'status'] },
  { exit: 2, args: ['auth', 'exchange', 'ROW_code'] },
  { exit: 3, args: ['bogus'] },
  { exit: 3, args: ['status', 'too', 'much'] },
  { exit: 3, args: ['status', '--bogus'] },
  { exit: 3, args: ['orders'] },
  { exit: 3, args: ['auth', 'bogus'] },
  { exit: 3, args: ['auth'] },
  { exit: 3, args: ['auth', 'exchange'] },
  { exit: 3, args: ['auth', 'exchange', 'two words'] },
  { exit: 3, args: ['auth', 'exchange', 'ROW_code', 'more'] },
  { exit: 3, args: ['backup'] },
  { exit: 3, args: ['call'] },
  { exit: 3, args: ['call', '--help', 'nope'] },
  { exit: 3, args: ['logs', '--lines', '1001'] },
  { exit: 3, args: ['logs', '--level', 'loud'] },
  { exit: 3, args: ['completion', 'tcsh'] },
  { exit: 3, args: ['history', '--state', 'odd'] },
  { exit: 3, args: ['orders', 'list', '--sort', 'price'] },
  { exit: 3, args: ['status', '--timeout', 'soon'] },
  ...['status', 'sync', 'pause', 'logs', 'watch', 'history', 'schedule', 'auth status'].map((line) => ({
    exit: 4,
    args: [...line.split(' '), '--timeout', '300ms'],
    daemon: freeze,
  })),
  { exit: 5, args: ['audit'], daemon: refusing('audit', 'busy') },
  { exit: 5, args: ['sync'], daemon: refusing('sync', 'busy') },
  { exit: 5, args: ['full-resync', '--yes'], daemon: refusing('fullResync', 'busy') },
  { exit: 6, args: ['auth', 'exchange', 'ROW_code'], daemon: refusing('auth.exchange', 'not_authorized') },
  { exit: 6, args: ['sync'], daemon: refusing('sync', 'not_authorized') },
  { exit: 6, args: ['sync', '--wait'], daemon: ending('failed', 'not_authorized') },
  {
    exit: 6,
    args: ['auth', 'status'],
    daemon: (daemon) => {
      daemon.status = status({ streams: [stream({ lastError: failure({ code: 'not_authorized' }) })] });
    },
  },
];

describe('lesson 17: every failure has its exit status, one line on stderr and an empty stdout', () => {
  it.each(rows.map((row) => [row.args.join(' '), row.exit, row] as const))('%s: %d', async (_line, exit, row) => {
    const socket = row.daemon === undefined ? join(folder(), 'none.sock') : await prepared(row.daemon);
    const local = row.args[0]?.startsWith('--') || row.args.includes('--help') || row.args[0] === 'help';
    const { status: ended, stdout, stderr } = await runClient(local ? row.args : [...row.args, '--socket', socket]);
    expect({ ended, stderr }).toEqual({
      ended: exit,
      stderr: exit === 0 ? '' : expect.stringMatching(/^shopsync: [^\n]+\n$/),
    });
    expect(stdout === '').toBe(exit !== 0);
  });
});

const prepared = async (set: (daemon: FakeDaemon) => void): Promise<string> => {
  const daemon = await startDaemon();
  set(daemon);
  return daemon.path;
};
