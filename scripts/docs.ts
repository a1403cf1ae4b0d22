import { fileURLToPath } from 'node:url';

import { Command } from 'commander';
import { z } from 'zod';
import { argv, fs } from 'zx';

import { notYet } from '../daemon/config/not-yet.ts';
import { type Row, rows } from '../daemon/config/table.ts';
import { methods } from '../shared/contract.ts';
import { worksAlone } from '../tui/commands/group.ts';
import { describe } from '../tui/program.ts';
import { Session } from '../tui/session.ts';

/** The tables of the README, by the name in their markers: `<!-- NAME:start -->` and `<!-- NAME:end -->`. */
const tables: Readonly<Record<string, () => string>> = {
  commands: commandTable,
  config: configTable,
  methods: methodTable,
};

/** Every key of the configuration with its default. */
export function configTable(): string {
  const cells = rows.map((row) => [code(row.key), row.fallbackWords ?? fallbackOf(row.fallback), meaningOf(row)]);
  return table(['key', 'default', 'meaning'], cells);
}

const meaningOf = ({ key, meaning }: Row): string =>
  notYet.has(key) ? `${meaning} _Not in this version yet._` : meaning;

/** Every command of the client, with its arguments. */
export function commandTable(): string {
  const session = new Session({ ...process, args: [], now: Date.now, onInterrupt: () => () => undefined }, () => ({
    color: false,
  }));
  const { commands } = describe(new Command(), session);
  const lines = commands.flatMap((command) => [...(worksAlone(command) ? [command] : []), ...command.commands]);
  return table(
    ['command', 'what it does'],
    lines.map((command) => {
      const parent = command.parent?.parent == null ? '' : `${command.parent.name()} `;
      const options = command.options.length === 0 ? [] : ['[options]'];
      const takesOthers = command.commands.length > 0;
      const words = (takesOthers ? [] : command.registeredArguments).map((a) => {
        const name = a.variadic ? `${a.name()}…` : a.name();
        return a.required ? name.toUpperCase() : `[${name}]`;
      });
      return [code([`shopsync ${parent}${command.name()}`, ...words, ...options].join(' ')), command.description()];
    }),
  );
}

/** Every method of the control socket, its params in the order in which they may be given by position. */
export function methodTable(): string {
  const cells = Object.entries(methods).map(([name, { params, reads, summary }]) => [
    code(name),
    listed(fieldsOf(params)),
    reads ? 'yes' : '',
    summary,
  ]);
  return table(['method', 'params', 'only reads', 'what it does'], cells);
}

/** Replaces what stands between the markers of each table. Throws when the text has no place for one of them. */
export function withTables(readme: string): string {
  return Object.entries(tables).reduce((text, [name, render]) => {
    const place = new RegExp(`(<!-- ${name}:start -->\n)[^]*?(<!-- ${name}:end -->)`);
    if (!place.test(text)) throw new Error(`README.md has no <!-- ${name}:start --> … <!-- ${name}:end -->`);
    return text.replace(place, (_, start: string, end: string) => `${start}\n${render()}\n${end}`);
  }, readme);
}

const document = z.object({
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
});

/** The fields of an object, with `?` at those that may be absent. */
function fieldsOf(schema: z.ZodType): readonly string[] {
  const { properties, required } = document.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  return Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}?`));
}

const listed = (fields: readonly string[]): string => (fields.length === 0 ? '–' : fields.map(code).join(', '));

const code = (text: string): string => `\`${text}\``;

const fallbackOf = (fallback: string | number | boolean | undefined): string =>
  fallback === undefined ? '–' : code(String(fallback));

/** Columns are padded as the formatter would do it, so that the two do not undo each other's work. */
function table(head: readonly string[], cells: readonly (readonly string[])[]): string {
  const lines = [head, ...cells].map((line) => line.map((cell) => cell.replaceAll('|', String.raw`\|`)));
  const widths = head.map((_, column) => Math.max(3, ...lines.map((line) => line[column]?.length ?? 0)));
  const row = (line: readonly string[]) => `| ${line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const rule = row(widths.map((width) => '-'.repeat(width)));
  const [first = [], ...rest] = lines;
  return [row(first), rule, ...rest.map(row), ''].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const readme = await fs.readFile('README.md', 'utf8');
  const wanted = withTables(readme);
  if (wanted === readme) {
    console.log('README.md is up to date.');
  } else if (argv['check']) {
    console.error('README.md differs from the code; run: npm run docs');
    process.exitCode = 1;
  } else {
    await fs.writeFile('README.md', wanted);
    console.log('README.md is written.');
  }
}
