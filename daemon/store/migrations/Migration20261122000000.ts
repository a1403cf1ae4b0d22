import { Migration } from '@mikro-orm/migrations';

export class Migration20261122000000 extends Migration {
  override name = 'Migration20261122000000';

  override up(): void | Promise<void> {
    this.addSql(
      `create table \`api_levels\` (\`shop_id\` text not null, \`endpoint\` text not null, \`requests_per_second\` double not null, primary key (\`shop_id\`, \`endpoint\`));`,
    );

    this.addSql(
      `create table \`api_usage\` (\`shop_id\` text not null, \`day\` text not null, \`requests\` integer not null default 0, primary key (\`shop_id\`, \`day\`));`,
    );

    this.addSql(
      `create table \`coverage\` (\`shop_id\` text not null, \`stream\` text not null, \`from_time\` integer not null, \`to_time\` integer not null, primary key (\`shop_id\`, \`stream\`, \`from_time\`));`,
    );

    this.addSql(
      `create table \`doubts\` (\`shop_id\` text not null, \`stream\` text not null, \`record_id\` text not null, \`due_time\` integer not null, \`reason\` text not null, primary key (\`shop_id\`, \`stream\`, \`record_id\`));`,
    );

    this.addSql(
      `create table \`orders\` (\`shop_id\` text not null, \`id\` text not null, \`status\` text not null, \`create_time\` integer not null, \`update_time\` integer not null, \`paid_time\` integer null, \`currency\` text null, \`total_amount\` text null, \`item_count\` integer not null, \`first_seen_at\` datetime not null, \`changed_at\` datetime not null, \`run_id\` text not null, \`asked\` integer not null, \`hash\` text not null, \`personal\` integer not null, \`confirmed_asked\` integer not null default 0, \`payload\` text null, primary key (\`shop_id\`, \`id\`));`,
    );
    this.addSql(`create index \`orders_shop_update\` on \`orders\` (\`shop_id\`, \`update_time\`);`);
    this.addSql(`create index \`orders_shop_create\` on \`orders\` (\`shop_id\`, \`create_time\`);`);
    this.addSql(
      `create trigger \`orders_count_insert\` AFTER INSERT on \`orders\` for each ROW begin insert into order_counts (shop_id, status, count) values (new.shop_id, new.status, 1) on conflict (shop_id, status) do update set count = order_counts.count + 1; end;`,
    );
    this.addSql(
      `create trigger \`orders_count_delete\` AFTER DELETE on \`orders\` for each ROW begin insert into order_counts (shop_id, status, count) values (old.shop_id, old.status, -1) on conflict (shop_id, status) do update set count = order_counts.count + -1; end;`,
    );
    this.addSql(`create trigger \`orders_count_update\` AFTER UPDATE on \`orders\` for each ROW
  when old.status <> new.status or old.shop_id <> new.shop_id begin insert into order_counts (shop_id, status, count) values (old.shop_id, old.status, -1) on conflict (shop_id, status) do update set count = order_counts.count + -1; insert into order_counts (shop_id, status, count) values (new.shop_id, new.status, 1) on conflict (shop_id, status) do update set count = order_counts.count + 1; end;`);

    this.addSql(
      `create table \`order_counts\` (\`shop_id\` text not null, \`status\` text not null, \`count\` integer not null default 0, primary key (\`shop_id\`, \`status\`));`,
    );

    this.addSql(
      `create table \`order_events\` (\`shop_id\` text not null, \`order_id\` text not null, \`update_time\` integer not null, \`status\` text not null, \`seen_at\` datetime not null, \`run_id\` text not null, primary key (\`shop_id\`, \`order_id\`, \`update_time\`, \`status\`));`,
    );

    this.addSql(
      `create table \`order_line_items\` (\`shop_id\` text not null, \`order_id\` text not null, \`id\` text not null, \`sku_id\` text null, \`product_id\` text null, \`product_name\` text null, \`seller_sku\` text null, \`sale_price\` text null, \`display_status\` text null, primary key (\`shop_id\`, \`order_id\`, \`id\`));`,
    );

    this.addSql(
      `create table \`rejected_records\` (\`id\` text not null primary key, \`shop_id\` text not null, \`stream\` text not null, \`reason\` text not null, \`payload\` text not null, \`run_id\` text not null, \`seen_at\` datetime not null, \`record_id\` text null, \`asked\` integer not null);`,
    );
    this.addSql(
      `create index \`rejected_records_record\` on \`rejected_records\` (\`shop_id\`, \`stream\`, \`record_id\`);`,
    );

    this.addSql(
      `create table \`run_spans\` (\`run_id\` text not null, \`from_time\` integer not null, \`to_time\` integer not null, \`read_at\` datetime not null, primary key (\`run_id\`, \`from_time\`));`,
    );

    this.addSql(
      `create table \`shops\` (\`id\` text not null primary key, \`name\` text not null, \`region\` text not null, \`seen_at\` datetime not null);`,
    );

    this.addSql(
      `create table \`stream_state\` (\`shop_id\` text not null, \`stream\` text not null, \`live_start\` integer not null, \`since\` integer not null, \`watermark\` integer null, \`overlap\` integer not null, \`last_record_time\` integer null, \`last_asked\` integer not null default 0, \`last_error\` text null, primary key (\`shop_id\`, \`stream\`));`,
    );

    this.addSql(
      `create table \`sync_metadata\` (\`shop_id\` text not null, \`sync_type\` text not null, \`last_sync_time\` datetime not null, \`last_record_time\` datetime null, \`records_synced\` integer not null default 0, \`is_full_sync\` integer not null default 0, \`created_at\` datetime not null, \`updated_at\` datetime not null, primary key (\`shop_id\`, \`sync_type\`));`,
    );

    this.addSql(
      `create table \`sync_runs\` (\`id\` text not null primary key, \`stream\` text not null, \`shop_id\` text not null, \`kind\` text not null, \`trigger\` text not null, \`state\` text not null, \`started_at\` datetime not null, \`finished_at\` datetime null, \`from\` integer null, \`to\` integer null, \`requests\` integer not null default 0, \`seen\` integer not null default 0, \`inserted\` integer not null default 0, \`updated\` integer not null default 0, \`unchanged\` integer not null default 0, \`rejected\` integer not null default 0, \`local_only\` integer null, \`error\` text null, \`continues\` text null);`,
    );
    this.addSql(`create index \`sync_runs_shop_stream\` on \`sync_runs\` (\`shop_id\`, \`stream\`, \`id\`);`);
    this.addSql(`create index \`sync_runs_state\` on \`sync_runs\` (\`state\`);`);

    this.addSql(
      `create table \`unseen\` (\`run_id\` text not null, \`record_id\` text not null, \`update_time\` integer not null, primary key (\`run_id\`, \`record_id\`));`,
    );
  }
}
