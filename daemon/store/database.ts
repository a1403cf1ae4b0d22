import type { InferKyselyDB } from '@mikro-orm/sqlite';
import type { Kysely } from 'kysely';

import type { entities } from './entities.ts';

/** The tables as typed SQL sees them: columns by their database names. */
export type Tables = InferKyselyDB<(typeof entities)[number]>;
export type Db = Kysely<Tables>;
