import { Line, Say } from '../components/say.tsx';
import type { Meaning } from '../theme.ts';
import { wrap } from '../width.ts';

/** Some words of a line, and what they mean. */
export type Piece = readonly [words: string, is?: Meaning];

/** A line of the screen as data, so that lines can be counted before they are drawn. */
export type ScreenLine = readonly Piece[];

/** A long text as lines behind `indent`, at most `most` of them; what is left over makes the last one too long. */
export const wrapped = (text: string, is: Meaning, indent: number, columns: number, most: number): ScreenLine[] => {
  const lines = wrap(text, Math.max(20, columns - indent));
  const kept = lines.slice(0, most);
  if (lines.length > most) kept[most - 1] = lines.slice(most - 1).join(' ');
  return kept.map((line) => [[' '.repeat(indent)], [line, is]]);
};

/** Lines as they are, each cut off at the edge. */
export function Lines({ lines }: { readonly lines: readonly ScreenLine[] }) {
  return lines.map((line, at) => (
    <Line key={at}>
      {line.map(([words, is = 'plain'], piece) => (
        <Say key={piece} is={is}>
          {words}
        </Say>
      ))}
    </Line>
  ));
}
