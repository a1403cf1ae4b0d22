#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`shopsyncd needs Node 22.19 or newer; this is ${process.versions.node}\n`);
  process.exit(64);
}
// Only now: what follows does not even load on an older Node.
const { keepHeapSmall } = await import('./heap.ts');
keepHeapSmall();
const { run } = await import('./command.ts');
await run(process.argv, process.env);
