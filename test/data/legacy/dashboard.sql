-- A database as the older dashboard leaves it: the sync table it was specified with, its own orders, rows in both,
-- and indexes whose names are the same as those of today.
create table sync_metadata (
  sync_type VARCHAR PRIMARY KEY,
  last_sync_time DATETIME NOT NULL,
  last_record_time DATETIME,
  records_synced INTEGER DEFAULT 0,
  is_full_sync INTEGER DEFAULT 0,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP,
  updated_at DATETIME DEFAULT CURRENT_TIMESTAMP
);
create table orders (
  order_id INTEGER PRIMARY KEY AUTOINCREMENT,
  number VARCHAR(64) UNIQUE NOT NULL,
  shop_id TEXT,
  status TEXT DEFAULT 'NEW',
  total REAL,
  update_time DATETIME,
  raw JSON
);
create table order_notes (
  id INTEGER PRIMARY KEY,
  order_id INTEGER REFERENCES orders (order_id),
  note TEXT
);
create index orders_shop_update on orders (shop_id, update_time);
CREATE UNIQUE INDEX IF NOT EXISTS "orders_shop_create"
on orders(shop_id, number desc) where status <> 'on hold';
create index "by status on day" on orders (status, date(update_time));
create index sync_runs_state on sync_metadata (is_full_sync);
create view open_orders as select number, total from orders where status = 'NEW';
insert into sync_metadata (sync_type, last_sync_time, last_record_time, records_synced, is_full_sync)
values ('orders', '2026-09-20 10:00:00', '2026-09-20 09:58:12', 3, 1), ('products', '2026-09-19 08:00:00', null, 0, 0);
insert into orders (number, shop_id, status, total, update_time, raw) values
  ('576460000000000101', '7490000000000000001', 'NEW', 12.5, '2026-09-20 09:00:00', '{"a":1}'),
  ('576460000000000102', '7490000000000000001', 'DONE', 0, '2026-09-20 09:58:12', null),
  ('576460000000000103', null, 'on hold', null, null, null);
insert into order_notes (order_id, note) values (1, 'call back'), (2, 'gift');
