import { z } from 'zod';

import type { Rejected } from '../store/rejected.ts';

/** JavaScript has already rounded an integer beyond 2^53: better no id than a wrong one. */
const isExact = (value: number): boolean => !Number.isInteger(value) || Number.isSafeInteger(value);

/** Text columns keep what the API sends; a number becomes its text, anything else is left to the payload. */
export const text = z
  .union([z.string(), z.number().refine(isExact).transform(String)])
  .nullish()
  .catch(null)
  .transform((value) => value ?? null);

/** What is given back, where a record tells it as an object; null where nothing is. */
export const refund = z
  .object({ currency: text, refund_total: text })
  .nullish()
  .catch(null)
  .transform((value) => value ?? { currency: null, refund_total: null });

const fields = z.record(z.string(), z.unknown());
const idText = z.string().min(1);

/**
 * An object of the API → what the columns need of it and the whole of it as text, or the reason why it cannot be stored
 * (rule 4).
 * @param idField the field of the object that tells which record it is.
 */
export function readWire<T>(
  raw: unknown,
  schema: z.ZodType<T>,
  idField: string,
): { readonly data: T; readonly payload: string } | { readonly rejected: Rejected } {
  const payload = JSON.stringify(raw);
  const parsed = schema.safeParse(raw);
  if (parsed.success) return { data: parsed.data, payload };
  const id = idText.safeParse(fields.safeParse(raw).data?.[idField]);
  return {
    rejected: {
      recordId: id.success ? id.data : null,
      // Paths and expectations only: a value could be a buyer's.
      reason: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
      payload,
    },
  };
}
