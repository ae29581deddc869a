/** What people take for one character: where it begins and ends, and how many cells a terminal gives it. The one door of string-width. */
import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Most text: one cell and one grapheme for each character. */
const PLAIN = /^[\x20-\x7e]*$/;

/** How many cells of a terminal a text takes. */
export function cellsOf(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
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
