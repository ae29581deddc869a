/** How a tone looks. */
import type { Style } from './frame.ts';
import type { Tone } from './screen-state.ts';

export const TONES: { readonly [Name in Tone]: Style | undefined } = {
  plain: undefined,
  good: 'good',
  bad: 'bad',
  warn: 'warn',
  faint: 'faint',
};
