import { Migration } from '@mikro-orm/migrations';

export class Migration20261122000002 extends Migration {
  override name = 'Migration20261122000002';

  override up(): void | Promise<void> {
    this.addSql(
      `create table \`rungs\` (\`shop_id\` text not null, \`stream\` text not null, \`rung\` text not null, \`reason\` text not null, \`reached_at\` datetime not null, \`left_at\` datetime null, primary key (\`shop_id\`, \`stream\`, \`rung\`));`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`rungs\`;`);
  }
}
