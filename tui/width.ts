let graphemes: Intl.Segmenter | undefined;
const emoji = /^\p{RGI_Emoji}$/v;
const invisible = /^[\p{Mark}\p{Cf}\p{Cc}]+$/u;
/** East Asian Wide and Fullwidth. */
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]/u;
const plain = /^[ -~]*$/;

/** The characters of a text as a person counts them. */
export const split = (text: string): readonly string[] => {
  // Made when there is something that needs it: most output is plain, and it takes milliseconds.
  graphemes ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return [...graphemes.segment(text)].map((part) => part.segment);
};

const cells = (grapheme: string): number => {
  if (invisible.test(grapheme)) return 0;
  return wide.test(grapheme) || emoji.test(grapheme) ? 2 : 1;
};

/** How many cells of a terminal a text takes. */
export const width = (text: string): number =>
  plain.test(text) ? text.length : split(text).reduce((sum, grapheme) => sum + cells(grapheme), 0);

/** At most `room` cells of a text; what is cut off leaves an ellipsis. */
export const cut = (text: string, room: number): string => {
  if (width(text) <= room) return text;
  if (room < 1) return '';
  let kept = '';
  let used = 0;
  for (const grapheme of split(text)) {
    const size = cells(grapheme);
    if (used + size > room - 1) break;
    kept += grapheme;
    used += size;
  }
  return `${kept.trimEnd()}…`;
};

/** At most `room` cells, cut in the middle: what tells names apart often stands at their end. */
export const cutMiddle = (text: string, room: number): string => {
  if (width(text) <= room || room < 5) return cut(text, room);
  const head = cut(text, Math.ceil(room / 2));
  let tail = '';
  for (const grapheme of split(text).toReversed()) {
    if (width(head) + width(tail) + cells(grapheme) > room) break;
    tail = grapheme + tail;
  }
  return head + tail;
};

/** A blank at which no line is broken; `wrap` gives it back as a plain one. */
export const noBreak = '\u00a0';

/** Lines of at most `room` cells, broken at blanks. A word that is longer stands alone in a line of its own length. */
export const wrap = (text: string, room: number): readonly string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && width(last) + 1 + width(word) <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => line.replaceAll(noBreak, ' '));
};

/** Exactly `room` cells: cut or filled with blanks. */
export const fit = (text: string, room: number, align: 'left' | 'right' = 'left'): string => {
  const kept = cut(text, room);
  const blank = ' '.repeat(Math.max(0, room - width(kept)));
  return align === 'right' ? blank + kept : kept + blank;
};
