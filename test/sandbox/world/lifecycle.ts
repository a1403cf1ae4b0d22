import { Random, hash } from './random.ts';
import type { Status } from './status.ts';
import type { Traits } from './traits.ts';

/** One version of an order: the status it takes and when, unix seconds. */
export interface Step {
  readonly status: Status;
  readonly time: number;
}

export interface Life {
  readonly steps: readonly Step[];
  /** When it is paid, unix seconds; 0 = never. */
  readonly paidAt: number;
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

export interface Surroundings {
  readonly utcOffset: number;
  /** Divides every span of time: a fast life for demonstrations. */
  readonly pace: number;
}

/** The whole life of an order that starts at `time` with `first`; what happened earlier is not part of it. */
export function lifeFrom(first: Status, time: number, traits: Traits, around: Surroundings): Life {
  const random = new Random(hash(traits.seed, 0x6c696665));
  const steps: Step[] = [{ status: first, time }];
  const { pace } = around;
  let status = first;
  let now = time;
  let paidAt = 0;
  const go = (next: Status, seconds: number): void => {
    now += Math.max(1, Math.floor(seconds / pace));
    status = next;
    steps.push({ status, time: now });
  };
  if (status === 'UNPAID') {
    const fate = random.next();
    if (fate < 0.04) go('CANCELLED', DAY);
    else if (fate < 0.06) go('CANCELLED', random.between(MINUTE, 5 * HOUR));
    else {
      go(
        traits.held ? 'ON_HOLD' : 'AWAITING_SHIPMENT',
        fate < 0.9 ? random.between(8, 90) : random.between(90, 3 * HOUR),
      );
      paidAt = now;
    }
  }
  if (status === 'ON_HOLD') {
    if (random.chance(0.02)) go('CANCELLED', random.between(5 * MINUTE, HOUR - 1));
    else go('AWAITING_SHIPMENT', HOUR);
  }
  if (status === 'AWAITING_SHIPMENT') {
    if (random.chance(traits.cod ? 0.08 : 0.03)) go('CANCELLED', random.between(10 * MINUTE, 30 * HOUR));
    else if (traits.items > 1 && random.chance(0.15)) go('PARTIALLY_SHIPPING', random.between(HOUR, 20 * HOUR));
    else go('AWAITING_COLLECTION', untilShipped(now, random, around));
  }
  if (status === 'PARTIALLY_SHIPPING') {
    if (random.chance(0.03)) go('CANCELLED', random.between(HOUR, DAY));
    else go('AWAITING_COLLECTION', random.between(2 * HOUR, 30 * HOUR));
  }
  if (status === 'AWAITING_COLLECTION') {
    const fate = random.next();
    if (fate < 0.01) go('CANCELLED', random.between(HOUR, DAY));
    else if (fate < 0.013 && !traits.cod) go('COMPLETED', random.between(2 * DAY, 6 * DAY));
    else go('IN_TRANSIT', random.between(3 * HOUR, 30 * HOUR));
  }
  if (status === 'IN_TRANSIT') {
    const fate = random.next();
    if (fate < 0.012) go('CANCELLED', random.between(2 * DAY, 9 * DAY));
    else if (fate < 0.016 && !traits.cod) go('COMPLETED', random.between(2 * DAY, 9 * DAY));
    else go('DELIVERED', random.between(20 * HOUR, 6 * DAY));
  }
  if (status === 'DELIVERED') {
    if (traits.cod) paidAt = now;
    go('COMPLETED', random.between(7 * DAY, 14 * DAY));
  }
  return { steps, paidAt };
}

/** Most labels are printed by the day's bulk action, so many orders share its second; the rest one by one. */
function untilShipped(now: number, random: Random, { utcOffset }: Surroundings): number {
  const alone = random.between(HOUR, 26 * HOUR);
  if (random.chance(0.4)) return alone;
  const day = Math.floor((now + utcOffset) / DAY);
  const bulk = (on: number): number => on * DAY - utcOffset + 14 * HOUR + (hash(0x62756c6b, on) % (2 * HOUR));
  const today = bulk(day) - now;
  return today > 10 * MINUTE ? today : bulk(day + 1) - now;
}
