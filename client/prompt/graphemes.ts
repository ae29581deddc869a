/** What people take for one character: where it begins and ends, and how many cells a terminal gives it. The one door of string-width. */
import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Most text: one cell and one grapheme for each character. */
const PLAIN = /^[\x20-\x7e]*$/;

/** Widths of texts that were asked for: a screen says much the same ten times a second, and measuring is slow. */
const WIDTHS = new Map<string, number>();
const MAX_WIDTHS = 4_096;

/** How many cells of a terminal a text takes. */
export function cellsOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  const known = WIDTHS.get(text);
  if (known !== undefined) return known;
  const cells = stringWidth(text);
  if (WIDTHS.size >= MAX_WIDTHS) WIDTHS.clear();
  WIDTHS.set(text, cells);
  return cells;
}

/** The characters of a text, as people count them. */
export function graphemesOf(text: string): string[] {
  return PLAIN.test(text) ? [...text] : Array.from(graphemes.segment(text), ({ segment }) => segment);
}

/** As much of a text as fits into so many cells, with an ellipsis in the last one where something is left out. */
export function cutToCells(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text;
  let kept = '';
  let taken = 1;
  for (const grapheme of graphemesOf(text)) {
    taken += cellsOf(grapheme);
    if (taken > cells) break;
    kept += grapheme;
  }
  return `${kept}…`;
}

/** Where the character that ends at or spans `index` begins; 0 at the beginning. */
export function previousBoundary(text: string, index: number): number {
  return index <= 0 ? 0 : (graphemes.segment(text).containing(index - 1)?.index ?? 0);
}

/** Where the character at `index` ends; the text's length at the end. */
export function nextBoundary(text: string, index: number): number {
  const at = graphemes.segment(text).containing(index);
  return at === undefined ? text.length : at.index + at.segment.length;
}
