#!/usr/bin/env node
// Nothing may be imported before the check: an older Node fails while it links newer modules, and cannot say why.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`shopsync: needs Node 22.19 or newer, this is ${process.versions.node}\n`);
  process.exitCode = 3;
} else {
  // React reads it when it loads, and in development mode its memory grows for as long as the screen stands.
  process.env['NODE_ENV'] = 'production';
  const plain = process.argv.includes('--no-color') || (process.env['NO_COLOR'] ?? '') !== '';
  if (plain) process.env['FORCE_COLOR'] = '0';

  // Whoever reads our output may stop in the middle, as `head` does.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

  const { main } = await import('./cli.ts');
  const status = await main({
    args: process.argv.slice(2),
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    now: Date.now,
    onInterrupt: (listener) => {
      process.once('SIGINT', listener).once('SIGTERM', listener);
      return () => process.off('SIGINT', listener).off('SIGTERM', listener);
    },
  });
  process.stdout.write('', () => process.exit(status));
}

export {};
