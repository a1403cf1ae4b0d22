import { audit } from './audit.ts';
import { auth } from './auth.ts';
import { backup } from './backup.ts';
import { call } from './call.ts';
import { cancel } from './cancel.ts';
import { completion } from './completion.ts';
import { doctor } from './doctor.ts';
import { fullResync } from './full-resync.ts';
import { health } from './health.ts';
import { history } from './history.ts';
import { logs } from './logs.ts';
import { metrics } from './metrics.ts';
import { orders } from './orders.ts';
import { pause } from './pause.ts';
import { resume } from './resume.ts';
import { schedule } from './schedule.ts';
import { status } from './status.ts';
import { sync } from './sync.ts';
import type { Verb } from './verb.ts';
import { watch } from './watch.ts';

/** Every command, in the order of --help. A new one is a file and a line here. */
export const verbs: readonly Verb[] = [
  status,
  sync,
  fullResync,
  audit,
  cancel,
  history,
  orders,
  schedule,
  pause,
  resume,
  watch,
  logs,
  call,
  auth,
  health,
  metrics,
  doctor,
  backup,
  completion,
];
