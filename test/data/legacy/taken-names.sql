-- Both names are contested, and so are those that a take-over would give.
create table orders (id TEXT PRIMARY KEY, n INTEGER);
create index orders_shop_update on orders (n);
create table legacy_orders (id TEXT PRIMARY KEY, n INTEGER);
create index legacy_orders_shop_update on legacy_orders (n);
create table legacy_orders_2 (note TEXT);
create table sync_metadata (sync_type VARCHAR PRIMARY KEY, last_sync_time DATETIME NOT NULL);
insert into orders values ('new', 1), ('newer', 2);
insert into legacy_orders values ('old', 3);
insert into legacy_orders_2 values ('mine');
insert into sync_metadata values ('orders', '2026-09-20 10:00:00');
