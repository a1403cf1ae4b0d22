import { Migration } from '@mikro-orm/migrations';

export class Migration20261122000004 extends Migration {
  override name = 'Migration20261122000004';

  override up(): void | Promise<void> {
    this.addSql(
      `create table \`shapes\` (\`shop_id\` text not null, \`stream\` text not null, \`shape\` text not null, \`first_seen_at\` datetime not null, primary key (\`shop_id\`, \`stream\`, \`shape\`));`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`shapes\`;`);
  }
}
