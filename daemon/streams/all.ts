import { analytics } from './analytics.ts';
import { cancellations } from './cancellations.ts';
import { orders } from './orders.ts';
import { products } from './products.ts';
import { returns } from './returns.ts';
import { statements } from './statements.ts';
import type { Stream } from './stream.ts';

/** Every stream there is. Adding one: its file, its table with a migration, and a line here. */
export const streams: readonly Stream<unknown>[] = [orders, products, analytics, returns, cancellations, statements];
