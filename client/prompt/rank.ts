/** Which of some choices fit what was typed, the best first. The one door of fzf. */
import { Fzf } from 'fzf';

/** At most a hundred: the first for an empty query; otherwise those that have its letters in its order. */
export function rank<Choice>(choices: readonly Choice[], query: string, textOf: (choice: Choice) => string): Choice[] {
  if (query === '') return choices.slice(0, MAX_RANKED);
  const texts = choices.map((choice, index): Text => ({ index, text: textOf(choice) }));
  const found = new Fzf<readonly Text[]>(texts, { selector: ({ text }: Text) => text, limit: MAX_RANKED }).find(query);
  return found.flatMap(({ item }: { readonly item: Text }) => choices[item.index] ?? []);
}

interface Text {
  readonly index: number;
  readonly text: string;
}

/** Nobody walks through more. */
const MAX_RANKED = 100;
