const kindOf = (value: unknown): string => (Array.isArray(value) ? 'list' : typeof value);

/** No name of a field is longer. */
const longestPath = 80;

/**
 * What a record looks like, without anything that it says: its status as `status=…`, and `path:kind` of each field that
 * holds something, one level deep.
 * @param statusField where it tells its status.
 */
export function shapeOf(record: unknown, statusField = 'status'): string[] {
  if (typeof record !== 'object' || record === null) return [];
  const shape: string[] = [];
  let status: unknown;
  const look = (part: object, prefix: string): void => {
    for (const [key, value] of Object.entries(part)) {
      if (value === null || value === undefined) continue;
      const path = `${prefix}${key}`.slice(0, longestPath);
      shape.push(`${path}:${kindOf(value)}`);
      if (prefix !== '') continue;
      if (kindOf(value) === 'object') look(value, `${path}.`);
      if (key === statusField) status = value;
    }
  };
  look(record, '');
  if (typeof status === 'string') shape.push(`status=${status.slice(0, longestPath)}`);
  return shape;
}

/**
 * What is no news in a record: statuses as `status=…`, fields by their path.
 * @param fields paths, parted by white space.
 */
export const shapesKnown = (statuses: readonly string[], fields: string): ReadonlySet<string> =>
  new Set([...statuses.map((status) => `status=${status}`), ...fields.trim().split(/\s+/)]);
