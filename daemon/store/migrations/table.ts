/** Holds the names of the migrations that a database has had: by it a database is known as ours. */
export const migrationsTable = 'shopsync_migrations';
