import { call } from './call.ts';
import { cancel } from './cancel.ts';
import { fullResync } from './full-resync.ts';
import { history } from './history.ts';
import { orders } from './orders.ts';
import { status } from './status.ts';
import { sync } from './sync.ts';
import type { Verb } from './verb.ts';
import { watch } from './watch.ts';

/** Every command, in the order of --help. A new one is a file and a line here. */
export const verbs: readonly Verb[] = [status, sync, fullResync, cancel, history, orders, watch, call];
