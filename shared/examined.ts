import { z } from 'zod';

/**
 * What `shopsyncd --examine` finds without starting anything: the configuration in force, which secrets are there (never
 * what they are), the state folder, and whether the database is whole.
 */
export const examined = z.object({
  file: z.string().nullable().describe('the config file that was read'),
  values: z.array(z.object({ key: z.string(), value: z.string(), origin: z.string() })),
  secrets: z.array(z.object({ name: z.string(), origin: z.string().nullable().describe('null: found nowhere') })),
  problems: z.array(z.string()).describe('what keeps the daemon from starting, one line each'),
  missing: z.array(z.string()).describe('what it needs beside to speak to the API, one line each'),
  warnings: z.array(z.string()),
  stateDir: z.string(),
  database: z
    .object({
      path: z.string(),
      bytes: z.int().nonnegative().nullable().describe('null: not there yet'),
      problem: z.string().nullable(),
      cure: z.string().nullable(),
    })
    .nullable()
    .describe('null: the configuration does not tell where it is'),
});

export type Examined = z.infer<typeof examined>;
