import { expect, it, vi } from 'vitest';

import { PROTOCOL } from '../../shared/protocol.ts';
import { version } from '../../shared/version.ts';
import { skewWords } from '../../tui/skew.ts';
import { ClientProcess, eventually, runClient } from './client-process.ts';
import { Refusal } from './fake-daemon.ts';
import { startDaemon } from './room.ts';
import { status } from './samples.ts';

vi.setConfig({ testTimeout: 30_000 });

const sides = [
  [PROTOCOL - 1, '0.0.9', /the daemon is older, upgrade it, or restart it if it was upgraded: kill 4194305 && /],
  [PROTOCOL + 1, '9.0.0', /this client is older, upgrade it: npm install --global shopsync@9\.0\.0$/m],
] as const;

it.each(sides)(
  'lesson 14: a daemon of protocol %d, shopsyncd %s: reading goes on with a word, and nothing else is tried',
  async (protocol, told, side) => {
    // A pid that no process can have, so that nothing more is known of the daemon.
    const daemon = await startDaemon(status({ version: told, pid: 4_194_305 }));
    daemon.protocol = protocol;
    daemon.scripts.set('sync', () => ({ runs: [] }));
    const both = `shopsyncd ${told} speaks protocol ${protocol}, this shopsync ${version()} protocol ${PROTOCOL}`;

    const reading = await runClient(['status', '--json', '--socket', daemon.path]);
    expect(reading.status).toBe(0);
    expect(JSON.parse(reading.stdout)).toEqual(daemon.status);
    expect(reading.stderr).toContain(both);
    expect(reading.stderr).toMatch(side);

    const writing = await runClient(['sync', '--socket', daemon.path]);
    expect([writing.status, writing.stdout, daemon.called('sync')]).toEqual([1, '', []]);
    expect(writing.stderr).toContain(both);
    expect(writing.stderr).toMatch(side);
  },
);

it('says so too where the other protocol is why a call is refused', async () => {
  const daemon = await startDaemon();
  daemon.protocol = PROTOCOL - 1;
  daemon.scripts.set('schedule.get', () => {
    throw new Refusal('unknown_method', 'Method not found');
  });
  const { status: ended, stdout, stderr } = await runClient(['schedule', '--socket', daemon.path]);
  expect([ended, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^shopsync: Method not found; [^\n]+the daemon is older[^\n]+\n$/);
});

it('says so once to one who watches', async () => {
  const daemon = await startDaemon();
  daemon.protocol = PROTOCOL + 1;
  const client = new ClientProcess(['watch', '--socket', daemon.path]);
  await eventually(() => client.stdout.includes('connected to'), 'a connection');
  client.signal('SIGINT');
  const { status: ended, stderr } = await client.ended;
  expect(ended).toBe(0);
  expect(stderr.match(/this client is older/g)).toHaveLength(1);
});

it('tells the service to systemd, and of the same protocol nothing', () => {
  const around = { socket: '/run/shopsync/control.sock', pid: undefined, args: [] };
  expect(skewWords({ version: '0.0.9', protocol: PROTOCOL - 1 }, around)).toMatch(
    /: sudo systemctl restart shopsyncd$/,
  );
  expect(skewWords({ version: '0.0.9', protocol: PROTOCOL }, around)).toBeUndefined();
});
