import { Migration } from '@mikro-orm/migrations';

export class Migration20261122000006 extends Migration {
  override name = 'Migration20261122000006';

  override up(): void | Promise<void> {
    this.addSql(
      `create table \`cancellations\` (\`shop_id\` text not null, \`id\` text not null, \`order_id\` text null, \`status\` text not null, \`type\` text null, \`create_time\` integer not null, \`update_time\` integer not null, \`currency\` text null, \`refund_total\` text null, \`first_seen_at\` datetime not null, \`changed_at\` datetime not null, \`run_id\` text not null, \`asked\` integer not null, \`hash\` text not null, \`confirmed_asked\` integer not null default 0, \`payload\` text null, primary key (\`shop_id\`, \`id\`));`,
    );
    this.addSql(`create index \`cancellations_shop_update\` on \`cancellations\` (\`shop_id\`, \`update_time\`);`);
    this.addSql(`create index \`cancellations_shop_order\` on \`cancellations\` (\`shop_id\`, \`order_id\`);`);
    this.addSql(
      `create trigger \`cancellations_count_insert\` AFTER INSERT on \`cancellations\` for each ROW begin insert into record_counts (shop_id, stream, status, count) values (new.shop_id, 'cancellations', new.status, 1) on conflict (shop_id, stream, status) do update set count = record_counts.count + 1; end;`,
    );
    this.addSql(
      `create trigger \`cancellations_count_delete\` AFTER DELETE on \`cancellations\` for each ROW begin insert into record_counts (shop_id, stream, status, count) values (old.shop_id, 'cancellations', old.status, -1) on conflict (shop_id, stream, status) do update set count = record_counts.count + -1; end;`,
    );
    this.addSql(`create trigger \`cancellations_count_update\` AFTER UPDATE on \`cancellations\` for each ROW
  when old.status <> new.status or old.shop_id <> new.shop_id begin insert into record_counts (shop_id, stream, status, count) values (old.shop_id, 'cancellations', old.status, -1) on conflict (shop_id, stream, status) do update set count = record_counts.count + -1; insert into record_counts (shop_id, stream, status, count) values (new.shop_id, 'cancellations', new.status, 1) on conflict (shop_id, stream, status) do update set count = record_counts.count + 1; end;`);

    this.addSql(
      `create table \`returns\` (\`shop_id\` text not null, \`id\` text not null, \`order_id\` text null, \`status\` text not null, \`type\` text null, \`create_time\` integer not null, \`update_time\` integer not null, \`currency\` text null, \`refund_total\` text null, \`first_seen_at\` datetime not null, \`changed_at\` datetime not null, \`run_id\` text not null, \`asked\` integer not null, \`hash\` text not null, \`confirmed_asked\` integer not null default 0, \`payload\` text null, primary key (\`shop_id\`, \`id\`));`,
    );
    this.addSql(`create index \`returns_shop_update\` on \`returns\` (\`shop_id\`, \`update_time\`);`);
    this.addSql(`create index \`returns_shop_order\` on \`returns\` (\`shop_id\`, \`order_id\`);`);
    this.addSql(
      `create trigger \`returns_count_insert\` AFTER INSERT on \`returns\` for each ROW begin insert into record_counts (shop_id, stream, status, count) values (new.shop_id, 'returns', new.status, 1) on conflict (shop_id, stream, status) do update set count = record_counts.count + 1; end;`,
    );
    this.addSql(
      `create trigger \`returns_count_delete\` AFTER DELETE on \`returns\` for each ROW begin insert into record_counts (shop_id, stream, status, count) values (old.shop_id, 'returns', old.status, -1) on conflict (shop_id, stream, status) do update set count = record_counts.count + -1; end;`,
    );
    this.addSql(`create trigger \`returns_count_update\` AFTER UPDATE on \`returns\` for each ROW
  when old.status <> new.status or old.shop_id <> new.shop_id begin insert into record_counts (shop_id, stream, status, count) values (old.shop_id, 'returns', old.status, -1) on conflict (shop_id, stream, status) do update set count = record_counts.count + -1; insert into record_counts (shop_id, stream, status, count) values (new.shop_id, 'returns', new.status, 1) on conflict (shop_id, stream, status) do update set count = record_counts.count + 1; end;`);

    this.addSql(
      `create table \`statements\` (\`shop_id\` text not null, \`id\` text not null, \`statement_time\` integer not null, \`currency\` text null, \`settlement_amount\` text null, \`revenue_amount\` text null, \`fee_amount\` text null, \`adjustment_amount\` text null, \`payment_status\` text null, \`payment_id\` text null, \`restated\` integer not null default 0, \`first_seen_at\` datetime not null, \`changed_at\` datetime not null, \`run_id\` text not null, \`asked\` integer not null, \`hash\` text not null, \`confirmed_asked\` integer not null default 0, \`payload\` text null, primary key (\`shop_id\`, \`id\`));`,
    );
    this.addSql(`create index \`statements_shop_time\` on \`statements\` (\`shop_id\`, \`statement_time\`);`);
    this.addSql(
      `create trigger \`statements_count_insert\` AFTER INSERT on \`statements\` for each ROW begin insert into record_counts (shop_id, stream, status, count) values (new.shop_id, 'statements', coalesce(new.payment_status, 'UNKNOWN'), 1) on conflict (shop_id, stream, status) do update set count = record_counts.count + 1; end;`,
    );
    this.addSql(
      `create trigger \`statements_count_delete\` AFTER DELETE on \`statements\` for each ROW begin insert into record_counts (shop_id, stream, status, count) values (old.shop_id, 'statements', coalesce(old.payment_status, 'UNKNOWN'), -1) on conflict (shop_id, stream, status) do update set count = record_counts.count + -1; end;`,
    );
    this.addSql(`create trigger \`statements_count_update\` AFTER UPDATE on \`statements\` for each ROW
  when coalesce(old.payment_status, 'UNKNOWN') <> coalesce(new.payment_status, 'UNKNOWN') or old.shop_id <> new.shop_id begin insert into record_counts (shop_id, stream, status, count) values (old.shop_id, 'statements', coalesce(old.payment_status, 'UNKNOWN'), -1) on conflict (shop_id, stream, status) do update set count = record_counts.count + -1; insert into record_counts (shop_id, stream, status, count) values (new.shop_id, 'statements', coalesce(new.payment_status, 'UNKNOWN'), 1) on conflict (shop_id, stream, status) do update set count = record_counts.count + 1; end;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop trigger if exists \`cancellations_count_insert\`;`);
    this.addSql(`drop trigger if exists \`cancellations_count_delete\`;`);
    this.addSql(`drop trigger if exists \`cancellations_count_update\`;`);
    this.addSql(`drop table if exists \`cancellations\`;`);
    this.addSql(`drop trigger if exists \`returns_count_insert\`;`);
    this.addSql(`drop trigger if exists \`returns_count_delete\`;`);
    this.addSql(`drop trigger if exists \`returns_count_update\`;`);
    this.addSql(`drop table if exists \`returns\`;`);
    this.addSql(`drop trigger if exists \`statements_count_insert\`;`);
    this.addSql(`drop trigger if exists \`statements_count_delete\`;`);
    this.addSql(`drop trigger if exists \`statements_count_update\`;`);
    this.addSql(`drop table if exists \`statements\`;`);
  }
}
