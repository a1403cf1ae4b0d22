import { Migration } from '@mikro-orm/migrations';

export class Migration20261122000001 extends Migration {
  override name = 'Migration20261122000001';

  override up(): void | Promise<void> {
    this.addSql(
      `create table \`lateness\` (\`shop_id\` text not null, \`stream\` text not null, \`up_to_seconds\` integer not null, \`count\` integer not null default 0, primary key (\`shop_id\`, \`stream\`, \`up_to_seconds\`));`,
    );

    this.addSql(
      `create table \`oddities\` (\`shop_id\` text not null, \`stream\` text not null, \`what\` text not null, \`count\` integer not null default 0, \`last_seen_at\` datetime not null, primary key (\`shop_id\`, \`stream\`, \`what\`));`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`lateness\`;`);
    this.addSql(`drop table if exists \`oddities\`;`);
  }
}
