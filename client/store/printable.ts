/** Text by others, before it reaches a terminal or another program. */

/** Control, format (bidi overrides among them), surrogate, private and unassigned characters, line and paragraph separators. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]+/gu;
const UNPRINTABLE_BUT_LINE_BREAK = /(?:[^\P{C}\n]|[\p{Zl}\p{Zp}])+/gu;

/** One line without anything that could paint, move or reorder: what was there becomes one blank. */
export function printableLine(text: string): string {
  return text.replaceAll(UNPRINTABLE, ' ').trim();
}

/** The same with line breaks kept, for text that is encoded again and not shown as it is. */
export function printableText(text: string): string {
  return text.replaceAll(UNPRINTABLE_BUT_LINE_BREAK, ' ');
}
