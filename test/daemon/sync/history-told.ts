import type { History } from './history.ts';

const told = (value: object): string =>
  Object.entries(value)
    .filter(([key, one]) => key !== 'do' && one !== null)
    .map(([key, one]) =>
      Array.isArray(one) || typeof one !== 'object' ? `${key} ${JSON.stringify(one)}` : `${key} (${told(one)})`,
    )
    .join(', ')
    .replaceAll('"', '');

/** A history as a person reads it: the world in one line, then a line for each step. */
export const render = ({ steps, ...world }: History): string =>
  [
    `world: ${Object.entries(world)
      .map(([key, value]) => `${key} ${JSON.stringify(value)}`)
      .join(', ')}`,
    ...steps.map((one, i) => `${i + 1}. ${one.do} ${told(one)}`.trimEnd()),
  ].join('\n');
