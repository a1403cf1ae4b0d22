import { Migration20261122000000 } from './Migration20261122000000.ts';
import { Migration20261122000001 } from './Migration20261122000001.ts';
import { Migration20261122000002 } from './Migration20261122000002.ts';
import { Migration20261122000003 } from './Migration20261122000003.ts';
import { Migration20261122000004 } from './Migration20261122000004.ts';
import { Migration20261122000005 } from './Migration20261122000005.ts';
import { Migration20261122000006 } from './Migration20261122000006.ts';
import { Migration20261122000007 } from './Migration20261122000007.ts';

/** In the order in which they are applied. A database that knows a name not in this list is newer than this program. */
export const migrations = [
  Migration20261122000000,
  Migration20261122000001,
  Migration20261122000002,
  Migration20261122000003,
  Migration20261122000004,
  Migration20261122000005,
  Migration20261122000006,
  Migration20261122000007,
] as const;
