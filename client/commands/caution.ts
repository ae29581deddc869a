/** Stand-in. */
import type { Model } from '../store/model.ts';
import type { Intent } from './intent.ts';

export function cautionFor(
  _intent: Intent,
  _model: Model,
  _memory: { readonly hasBidBefore: boolean },
): { readonly code: 'first-bid' | 'jump-bid'; readonly lines: readonly string[] } | undefined {
  return undefined;
}
