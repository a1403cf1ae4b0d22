import { styleText } from 'node:util';

export interface Look {
  readonly color?: 'green' | 'yellow' | 'red' | 'cyan';
  readonly bold?: boolean;
  readonly dimColor?: boolean;
}

/**
 * Meanings, not colours: only this file says green. The terminal's own palette keeps it readable on dark and light,
 * and a word or a symbol always says the same as the colour.
 */
export const theme = {
  plain: {},
  strong: { bold: true },
  quiet: { dimColor: true },
  good: { color: 'green' },
  busy: { color: 'cyan' },
  waiting: { color: 'yellow' },
  bad: { color: 'red' },
} as const satisfies Readonly<Record<string, Look>>;

export type Meaning = keyof typeof theme;

export type Paint = (meaning: Meaning, text: string) => string;

/** Colours for plain output; without `colors` the text as it is. */
export const painter =
  (colors: boolean): Paint =>
  (meaning, text) => {
    if (!colors) return text;
    const look: Look = theme[meaning];
    const styles = [look.color, look.bold === true && 'bold', look.dimColor === true && 'dim'] as const;
    return styles.reduce<string>(
      (out, style) => (style ? styleText(style, out, { validateStream: false }) : out),
      text,
    );
  };
