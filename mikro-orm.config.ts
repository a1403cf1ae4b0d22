import { Migrator } from '@mikro-orm/migrations';
import { defineConfig } from '@mikro-orm/sqlite';

import { entities } from './daemon/store/entities.ts';
import { migrations } from './daemon/store/migrations/list.ts';

/** One configuration for the daemon and for the ORM's own tool. */
export default defineConfig({
  dbName: 'shopsync.db',
  entities: [...entities],
  extensions: [Migrator],
  discovery: { warnWhenNoEntities: true },
  migrations: {
    tableName: 'shopsync_migrations',
    path: 'daemon/store/migrations',
    snapshotName: '.snapshot',
    snapshotOnMigrate: false,
    migrationsList: [...migrations],
    transactional: true,
    emit: 'ts',
  },
});
