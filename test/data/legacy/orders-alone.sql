-- Some other program's orders, with columns that are called as ours are and mean something else.
create table "Orders" (id TEXT, status INTEGER, payload BLOB);
insert into "Orders" values ('1', 1, x'00ff'), ('1', 2, null), (null, null, null);
