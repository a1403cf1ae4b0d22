import type { OrderRecord } from '../store/orders.ts';
import { orders } from './orders.ts';
import type { Stream } from './stream.ts';

/** Every stream there is. Adding one: its file, its entity with a migration, and a line here. */
export const streams: readonly Stream<OrderRecord>[] = [orders];
