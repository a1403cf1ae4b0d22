import { expect, test } from 'vitest';

import { SingleFlight } from '../../../daemon/tiktok/single-flight.ts';

const never = new AbortController().signal;

test('work is shared while it lasts, and started anew after', async () => {
  const flight = new SingleFlight();
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let started = 0;
  const work = async () => gates[started++]?.promise;
  const first = [flight.join(work, never), flight.join(work, never)];
  expect(started).toBe(1);
  gates[0]?.resolve();
  await Promise.all(first);
  const second = flight.join(work, never);
  expect(started).toBe(2);
  gates[1]?.reject(new Error('failed'));
  await expect(second).rejects.toThrow('failed');
  await flight.settled();
});

test('one who leaves rejects with his reason; the work and the others go on', async () => {
  const flight = new SingleFlight();
  const gate = Promise.withResolvers<void>();
  const stop = new AbortController();
  const leaving = flight.join(() => gate.promise, stop.signal);
  const staying = flight.join(() => gate.promise, never);
  stop.abort(new Error('leaving'));
  await expect(leaving).rejects.toThrow('leaving');
  await expect(flight.join(() => gate.promise, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  gate.resolve();
  await staying;
});
