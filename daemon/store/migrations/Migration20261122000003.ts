import { Migration } from '@mikro-orm/migrations';

export class Migration20261122000003 extends Migration {
  override name = 'Migration20261122000003';

  override up(): void | Promise<void> {
    this.addSql(
      `create table \`settings\` (\`name\` text not null primary key, \`value\` text not null, \`changed_at\` datetime not null);`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`settings\`;`);
  }
}
