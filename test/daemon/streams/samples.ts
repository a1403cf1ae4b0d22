import { readFileSync } from 'node:fs';

import { z } from 'zod';

const sample = z.object({ response: z.object({ data: z.record(z.string(), z.unknown()) }) });

/** The list in a recorded answer of the API. */
export function sampleOf(name: string, key: string): readonly Readonly<Record<string, unknown>>[] {
  const text = readFileSync(new URL(`../../data/tiktok/samples/${name}.json`, import.meta.url), 'utf8');
  return z.array(z.looseObject({})).parse(sample.parse(JSON.parse(text)).response.data[key]);
}
