import { Migration } from '@mikro-orm/migrations';

export class Migration20261122000007 extends Migration {
  override name = 'Migration20261122000007';

  override up(): void | Promise<void> {
    this.addSql(`alter table \`stream_state\` add column \`last_audit\` text null;`);

    this.addSql(`alter table \`sync_runs\` add column \`statuses\` text null;`);
    this.addSql(`alter table \`sync_runs\` add column \`audit\` text null;`);
    this.addSql(`create index \`sync_runs_kind\` on \`sync_runs\` (\`shop_id\`, \`stream\`, \`kind\`, \`id\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`stream_state\` drop column \`last_audit\`;`);

    this.addSql(`drop index \`sync_runs_kind\`;`);
    this.addSql(`alter table \`sync_runs\` drop column \`statuses\`;`);
    this.addSql(`alter table \`sync_runs\` drop column \`audit\`;`);
  }
}
