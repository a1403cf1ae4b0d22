import { describe, expect, test } from 'vitest';

import { Bucket } from '../../../daemon/tiktok/bucket.ts';

/** Asks as fast as the bucket allows for so many seconds, woken up to 5 ms late; returns when it asked. */
function ask(
  bucket: Bucket,
  clock: { ms: number },
  seconds: number,
  answer: (at: number) => void = () => {},
): number[] {
  const sent: number[] = [];
  const end = clock.ms + seconds * 1000;
  for (let i = 0; ; i += 1) {
    const readyAt = bucket.readyAt();
    if (readyAt > clock.ms) clock.ms = Math.ceil(readyAt) + (i % 3) * 2.5;
    if (clock.ms >= end) return sent;
    bucket.take();
    sent.push(clock.ms);
    answer(clock.ms);
  }
}

/** The most requests that lie within any `ms` milliseconds. */
const most = (sent: readonly number[], ms: number): number =>
  Math.max(...sent.map((from) => sent.filter((at) => at >= from && at < from + ms).length));

const bucketAt = (ceiling: number, start: number) => {
  const clock = { ms: 0 };
  return { clock, bucket: new Bucket({ ceiling, start, now: () => clock.ms }) };
};

describe('the rate', () => {
  test.each([1, 3, 10, 50, 200])('%i a second is nearly reached and exceeded in no second', (rate) => {
    const { clock, bucket } = bucketAt(rate, rate);
    const sent = ask(bucket, clock, 20, (at) => bucket.succeeded(at));
    expect(most(sent, 1000)).toBeLessThanOrEqual(rate);
    expect(most(sent, 1039)).toBeLessThanOrEqual(rate);
    expect(sent.length / 20).toBeGreaterThan(rate * 0.93);
    expect(bucket.requestsPerSecond).toBe(rate);
  });

  test('an idle bucket saves up no more than 100 ms', () => {
    const { clock, bucket } = bucketAt(50, 50);
    clock.ms += 60_000;
    const sent = ask(bucket, clock, 0.9);
    expect(most(sent, 1)).toBe(5);
  });

  test('half a request a second is one every two seconds', () => {
    const { clock, bucket } = bucketAt(10, 0.5);
    expect(ask(bucket, clock, 10)).toHaveLength(5);
  });

  test('grows by success only, to the ceiling and no further', () => {
    const { clock, bucket } = bucketAt(10, 3);
    ask(bucket, clock, 10);
    expect(bucket.requestsPerSecond).toBe(3);
    ask(bucket, clock, 20, (at) => bucket.succeeded(at));
    expect(bucket.requestsPerSecond).toBeGreaterThan(5);
    expect(bucket.requestsPerSecond).toBeLessThan(8);
    ask(bucket, clock, 60, (at) => bucket.succeeded(at));
    expect(bucket.requestsPerSecond).toBe(10);
  });
});

describe('refusals', () => {
  test('eight together halve once', () => {
    const { clock, bucket } = bucketAt(10, 10);
    clock.ms += 50;
    for (let i = 0; i < 8; i += 1) bucket.throttled(0, undefined);
    expect(bucket.requestsPerSecond).toBe(5);
    // Sent a moment after the cut, within the second the server still counts.
    bucket.throttled(clock.ms + 900, undefined);
    expect(bucket.requestsPerSecond).toBe(5);
    bucket.throttled(clock.ms + 1001, undefined);
    expect(bucket.requestsPerSecond).toBe(2.5);
  });

  test('never stop it for good', () => {
    const { clock, bucket } = bucketAt(10, 10);
    for (let i = 0; i < 50; i += 1) {
      bucket.throttled(clock.ms, undefined);
      clock.ms += 2000;
    }
    expect(bucket.requestsPerSecond).toBeCloseTo(0.1);
  });

  test('Retry-After closes it for so long, and the longest counts', () => {
    const { clock, bucket } = bucketAt(10, 10);
    bucket.throttled(clock.ms, 7000);
    bucket.throttled(clock.ms, 2000);
    expect(bucket.readyAt()).toBe(7000);
    expect(bucket.pausedUntil).toBe(7000);
  });

  test('a server that bears 3 a second while the ceiling is 10 refuses few and is used well', () => {
    const { clock, bucket } = bucketAt(10, 10);
    const accepted: number[] = [];
    let refused = 0;
    const answer = (at: number) => {
      if (accepted.filter((one) => one > at - 1000).length < 3) {
        accepted.push(at);
        bucket.succeeded(at);
      } else {
        refused += 1;
        bucket.throttled(at, undefined);
      }
    };
    ask(bucket, clock, 60, answer);
    accepted.length = 0;
    refused = 0;
    ask(bucket, clock, 600, answer);
    expect(refused / (refused + accepted.length)).toBeLessThan(0.05);
    expect(accepted.length / 600).toBeGreaterThan(3 * 0.85);
  });

  test('one refusal by chance costs seconds, not a minute', () => {
    const { clock, bucket } = bucketAt(50, 50);
    bucket.throttled(clock.ms, undefined);
    expect(bucket.requestsPerSecond).toBe(25);
    ask(bucket, clock, 6, (at) => bucket.succeeded(at));
    expect(bucket.requestsPerSecond).toBeGreaterThan(44);
    expect(bucket.requestsPerSecond).toBeLessThan(47);
  });

  test('a limit that was lifted is found out', () => {
    const { clock, bucket } = bucketAt(10, 10);
    bucket.throttled(clock.ms, undefined);
    clock.ms += 2000;
    bucket.throttled(clock.ms, undefined);
    expect(bucket.requestsPerSecond).toBe(2.5);
    ask(bucket, clock, 120, (at) => bucket.succeeded(at));
    expect(bucket.requestsPerSecond).toBe(10);
  });
});

test('latency is smoothed over successful answers', () => {
  const { clock, bucket } = bucketAt(10, 10);
  expect(bucket.latencyMs).toBeUndefined();
  clock.ms = 100;
  bucket.succeeded(0);
  expect(bucket.latencyMs).toBe(100);
  clock.ms = 700;
  bucket.succeeded(100);
  expect(bucket.latencyMs).toBeCloseTo(200);
});
