/** A family as a scraper reads it: `samples` by what stands before the value. */
export interface Scraped {
  readonly type: string;
  readonly samples: ReadonlyMap<string, number>;
}

const metricName = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const label = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`;
const value = String.raw`[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf|NaN)`;
const help = new RegExp(String.raw`^# HELP (${metricName}) (?:[^\\\n]|\\[\\n])*$`);
const type = new RegExp(`^# TYPE (${metricName}) (counter|gauge|histogram|summary|untyped)$`);
const sample = new RegExp(String.raw`^((${metricName})(?:\{${label}(?:,${label})*\})?) (${value})$`);

/**
 * Reads Prometheus text by the grammar of format 0.0.4, strictly: HELP, TYPE and samples of a name stand together in this
 * order, no name and no series comes twice, no label twice in a series, and the last line ends. Throws at what is else.
 */
export function scrape(text: string): ReadonlyMap<string, Scraped> {
  const families = new Map<string, Scraped>();
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  let helped: string | undefined;
  let current: { readonly name: string; readonly samples: Map<string, number> } | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const [, helpName] = help.exec(line) ?? [];
    const [, typeName, kind] = type.exec(line) ?? [];
    const [, series, name, number] = sample.exec(line) ?? [];
    if (helpName !== undefined) {
      if (families.has(helpName)) throw new Error(`twice: ${helpName}`);
      helped = helpName;
    } else if (typeName !== undefined && kind !== undefined) {
      if (typeName !== helped) throw new Error(`no help: ${line}`);
      current = { name: typeName, samples: new Map() };
      families.set(typeName, { type: kind, samples: current.samples });
    } else if (series !== undefined && number !== undefined) {
      if (name !== current?.name || name !== helped) throw new Error(`out of place: ${line}`);
      if (current?.samples.has(series)) throw new Error(`twice: ${series}`);
      const labels = [...series.matchAll(/([a-zA-Z_]\w*)="/g)].map(([, one]) => one);
      if (new Set(labels).size < labels.length) throw new Error(`a label twice: ${line}`);
      current?.samples.set(series, Number(number.replace('Inf', 'Infinity')));
    } else throw new Error(`no line of the format: ${line}`);
  }
  return families;
}
