/**
 * The turn of a key, as a pure rule: next (published, not used) → current (signs) → last (verifies only) → retired. Who
 * asks gets one step at a time, and asks again after it was taken.
 */
import type { KeyState } from '../../shared/wire/key-rotation.ts';

/** What the rule has to know of a key. Times are milliseconds. */
export interface KeyFacts {
  readonly generation: number;
  readonly state: KeyState;
  /** How long it has been in this state: on the clock on which that is longer. */
  readonly atMostMs: number;
  /** The same on the clock on which it is shorter. */
  readonly atLeastMs: number;
  /** How long verifiers could have fetched it from this process. */
  readonly publishedMs: number;
  /** Whether it could be used at all: an issuing CA is of no use outside of its life. */
  readonly isUsable: boolean;
}

export interface RotationPolicy {
  /** How long a key is published before it is used: longer than any verifier keeps the key set. */
  readonly publicationMs: number;
  /** How long a key is used. */
  readonly periodMs: number;
  /** How long after its last use something may live that it signed. */
  readonly afterlifeMs: number;
}

export type Step =
  | { readonly do: 'prepare' }
  | { readonly do: 'promote'; readonly generation: number }
  | { readonly do: 'retire'; readonly generation: number };

/** So many former keys are published at once: more come from journeys in time alone, and then the oldest goes. */
export const MAX_LAST = 8;

/** What is to be done with the keys of one role now; `undefined` if nothing is. */
export function nextStep(keys: readonly KeyFacts[], policy: RotationPolicy): Step | undefined {
  const current = keys.find(({ state }) => state === 'current');
  const next = keys.find(({ state }) => state === 'next');
  const isStuck = current?.isUsable !== true;
  // A key that can't be used is followed by the next at once: there is nothing that anybody could refuse for that.
  if (next?.isUsable && (isStuck || next.publishedMs >= policy.publicationMs)) {
    return { do: 'promote', generation: next.generation };
  }
  if (next === undefined && (isStuck || current.atMostMs >= policy.periodMs)) return { do: 'prepare' };
  const last = keys.filter(({ state }) => state === 'last');
  const spent = last.find(({ atLeastMs }) => atLeastMs >= policy.afterlifeMs) ?? last.slice(0, -MAX_LAST).at(0);
  return spent === undefined ? undefined : { do: 'retire', generation: spent.generation };
}
