import { Migration } from '@mikro-orm/migrations';

export class Migration20261122000005 extends Migration {
  override name = 'Migration20261122000005';

  override up(): void | Promise<void> {
    this.addSql(
      `create table \`products\` (\`shop_id\` text not null, \`id\` text not null, \`status\` text null, \`title\` text null, \`create_time\` integer not null, \`update_time\` integer not null, \`sku_count\` integer not null, \`first_seen_at\` datetime not null, \`changed_at\` datetime not null, \`run_id\` text not null, \`asked\` integer not null, \`hash\` text not null, \`confirmed_asked\` integer not null default 0, \`payload\` text null, primary key (\`shop_id\`, \`id\`));`,
    );
    this.addSql(`create index \`products_shop_update\` on \`products\` (\`shop_id\`, \`update_time\`);`);
    this.addSql(
      `create trigger \`products_count_insert\` AFTER INSERT on \`products\` for each ROW begin insert into record_counts (shop_id, stream, status, count) values (new.shop_id, 'products', coalesce(new.status, 'UNLISTED'), 1) on conflict (shop_id, stream, status) do update set count = record_counts.count + 1; end;`,
    );
    this.addSql(
      `create trigger \`products_count_delete\` AFTER DELETE on \`products\` for each ROW begin insert into record_counts (shop_id, stream, status, count) values (old.shop_id, 'products', coalesce(old.status, 'UNLISTED'), -1) on conflict (shop_id, stream, status) do update set count = record_counts.count + -1; end;`,
    );
    this.addSql(`create trigger \`products_count_update\` AFTER UPDATE on \`products\` for each ROW
  when coalesce(old.status, 'UNLISTED') <> coalesce(new.status, 'UNLISTED') or old.shop_id <> new.shop_id begin insert into record_counts (shop_id, stream, status, count) values (old.shop_id, 'products', coalesce(old.status, 'UNLISTED'), -1) on conflict (shop_id, stream, status) do update set count = record_counts.count + -1; insert into record_counts (shop_id, stream, status, count) values (new.shop_id, 'products', coalesce(new.status, 'UNLISTED'), 1) on conflict (shop_id, stream, status) do update set count = record_counts.count + 1; end;`);

    this.addSql(
      `create table \`product_skus\` (\`shop_id\` text not null, \`id\` text not null, \`product_id\` text not null, \`seller_sku\` text null, \`price\` text null, \`currency\` text null, \`quantity\` integer null, primary key (\`shop_id\`, \`id\`));`,
    );
    this.addSql(`create index \`product_skus_product\` on \`product_skus\` (\`shop_id\`, \`product_id\`);`);

    this.addSql(
      `create table \`record_counts\` (\`shop_id\` text not null, \`stream\` text not null, \`status\` text not null, \`count\` integer not null default 0, primary key (\`shop_id\`, \`stream\`, \`status\`));`,
    );

    this.addSql(
      `create table \`shop_performance\` (\`shop_id\` text not null, \`date\` text not null, \`day_time\` integer not null, \`gmv\` text null, \`currency\` text null, \`orders\` integer null, \`units_sold\` integer null, \`buyers\` integer null, \`refunds\` text null, \`final\` integer not null, \`restated\` integer not null default 0, \`first_seen_at\` datetime not null, \`changed_at\` datetime not null, \`run_id\` text not null, \`asked\` integer not null, \`hash\` text not null, \`confirmed_asked\` integer not null default 0, \`payload\` text null, primary key (\`shop_id\`, \`date\`));`,
    );
    this.addSql(`create index \`shop_performance_day\` on \`shop_performance\` (\`shop_id\`, \`day_time\`);`);
    this.addSql(
      `create trigger \`shop_performance_count_insert\` AFTER INSERT on \`shop_performance\` for each ROW begin insert into record_counts (shop_id, stream, status, count) values (new.shop_id, 'analytics', case when new.final = 1 then 'FINAL' else 'PROVISIONAL' end, 1) on conflict (shop_id, stream, status) do update set count = record_counts.count + 1; end;`,
    );
    this.addSql(
      `create trigger \`shop_performance_count_delete\` AFTER DELETE on \`shop_performance\` for each ROW begin insert into record_counts (shop_id, stream, status, count) values (old.shop_id, 'analytics', case when old.final = 1 then 'FINAL' else 'PROVISIONAL' end, -1) on conflict (shop_id, stream, status) do update set count = record_counts.count + -1; end;`,
    );
    this.addSql(`create trigger \`shop_performance_count_update\` AFTER UPDATE on \`shop_performance\` for each ROW
  when case when old.final = 1 then 'FINAL' else 'PROVISIONAL' end <> case when new.final = 1 then 'FINAL' else 'PROVISIONAL' end or old.shop_id <> new.shop_id begin insert into record_counts (shop_id, stream, status, count) values (old.shop_id, 'analytics', case when old.final = 1 then 'FINAL' else 'PROVISIONAL' end, -1) on conflict (shop_id, stream, status) do update set count = record_counts.count + -1; insert into record_counts (shop_id, stream, status, count) values (new.shop_id, 'analytics', case when new.final = 1 then 'FINAL' else 'PROVISIONAL' end, 1) on conflict (shop_id, stream, status) do update set count = record_counts.count + 1; end;`);

    this.addSql(
      `insert into \`record_counts\` (\`shop_id\`, \`stream\`, \`status\`, \`count\`) select \`shop_id\`, 'orders', \`status\`, \`count\` from \`order_counts\`;`,
    );
    this.addSql(`drop table if exists \`order_counts\`;`);

    this.addSql(`drop trigger if exists \`orders_count_delete\`;`);
    this.addSql(
      `create trigger \`orders_count_delete\` AFTER DELETE on \`orders\` for each ROW begin insert into record_counts (shop_id, stream, status, count) values (old.shop_id, 'orders', old.status, -1) on conflict (shop_id, stream, status) do update set count = record_counts.count + -1; end;`,
    );
    this.addSql(`drop trigger if exists \`orders_count_insert\`;`);
    this.addSql(
      `create trigger \`orders_count_insert\` AFTER INSERT on \`orders\` for each ROW begin insert into record_counts (shop_id, stream, status, count) values (new.shop_id, 'orders', new.status, 1) on conflict (shop_id, stream, status) do update set count = record_counts.count + 1; end;`,
    );
    this.addSql(`drop trigger if exists \`orders_count_update\`;`);
    this.addSql(`create trigger \`orders_count_update\` AFTER UPDATE on \`orders\` for each ROW
  when old.status <> new.status or old.shop_id <> new.shop_id begin insert into record_counts (shop_id, stream, status, count) values (old.shop_id, 'orders', old.status, -1) on conflict (shop_id, stream, status) do update set count = record_counts.count + -1; insert into record_counts (shop_id, stream, status, count) values (new.shop_id, 'orders', new.status, 1) on conflict (shop_id, stream, status) do update set count = record_counts.count + 1; end;`);
  }

  override down(): void | Promise<void> {
    this.addSql(
      `create table \`order_counts\` (\`shop_id\` text not null, \`status\` text not null, \`count\` integer not null default 0, primary key (\`shop_id\`, \`status\`));`,
    );

    this.addSql(`drop trigger if exists \`products_count_insert\`;`);
    this.addSql(`drop trigger if exists \`products_count_delete\`;`);
    this.addSql(`drop trigger if exists \`products_count_update\`;`);
    this.addSql(`drop table if exists \`products\`;`);
    this.addSql(`drop table if exists \`product_skus\`;`);
    this.addSql(
      `insert into \`order_counts\` (\`shop_id\`, \`status\`, \`count\`) select \`shop_id\`, \`status\`, \`count\` from \`record_counts\` where \`stream\` = 'orders';`,
    );
    this.addSql(`drop table if exists \`record_counts\`;`);
    this.addSql(`drop trigger if exists \`shop_performance_count_insert\`;`);
    this.addSql(`drop trigger if exists \`shop_performance_count_delete\`;`);
    this.addSql(`drop trigger if exists \`shop_performance_count_update\`;`);
    this.addSql(`drop table if exists \`shop_performance\`;`);

    this.addSql(`drop trigger if exists \`orders_count_insert\`;`);
    this.addSql(
      `create trigger \`orders_count_insert\` AFTER INSERT on \`orders\` for each ROW begin insert into order_counts (shop_id, status, count) values (new.shop_id, new.status, 1) on conflict (shop_id, status) do update set count = order_counts.count + 1; end;`,
    );
    this.addSql(`drop trigger if exists \`orders_count_delete\`;`);
    this.addSql(
      `create trigger \`orders_count_delete\` AFTER DELETE on \`orders\` for each ROW begin insert into order_counts (shop_id, status, count) values (old.shop_id, old.status, -1) on conflict (shop_id, status) do update set count = order_counts.count + -1; end;`,
    );
    this.addSql(`drop trigger if exists \`orders_count_update\`;`);
    this.addSql(`create trigger \`orders_count_update\` AFTER UPDATE on \`orders\` for each ROW
  when old.status <> new.status or old.shop_id <> new.shop_id begin insert into order_counts (shop_id, status, count) values (old.shop_id, old.status, -1) on conflict (shop_id, status) do update set count = order_counts.count + -1; insert into order_counts (shop_id, status, count) values (new.shop_id, new.status, 1) on conflict (shop_id, status) do update set count = order_counts.count + 1; end;`);
  }
}
