/**
 * Does the same for each of a list, `width` of them at a time, in their order. Ends when none is under way any more.
 * @param stop called with what the first to fail throws, so that the others end soon.
 * @throws what the first to fail throws.
 */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
  stop: (error: unknown) => void = () => undefined,
): Promise<void> {
  const rest = items.values();
  const failures: unknown[] = [];
  const walk = async (): Promise<void> => {
    for (const item of rest) {
      if (failures.length > 0) return;
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
        if (failures.length === 1) stop(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, walk));
  if (failures.length > 0) throw failures[0];
}
