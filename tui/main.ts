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

  // Whoever reads our output may stop in the middle, as `head` does. A disk that is full is no such wish.
  const onOutputError = (error: NodeJS.ErrnoException): never => {
    if (error.code === 'EPIPE') process.exit(0);
    process.stderr.write(`shopsync: the output could not be written whole: ${error.message}\n`);
    process.exit(1);
  };
  process.stdout.on('error', onOutputError);

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
  const leave = (error: Error | null | undefined): void => (error ? onOutputError(error) : process.exit(status));
  // A write that failed is heard of here before it is by the listener. Where nothing waits, an empty one would only find
  // out that the disk is full, which does not matter to a command that had nothing to say.
  if (process.stdout.writableLength === 0) leave(process.stdout.errored);
  else process.stdout.write('', leave);
}

export {};
