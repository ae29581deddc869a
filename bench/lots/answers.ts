/** Answers to bids, in words. */
import { verdicts } from '../commands/verdicts.ts';
import type { Answered } from './messages.ts';

/** How many were accepted, and how many were not, for which reason. */
export function verdictsOn(answered: readonly Answered[]): string {
  return verdicts(
    answered.map(({ no }) => ({ accepted: no === undefined ? 1 : 0, others: no === undefined ? {} : { [no]: 1 } })),
  );
}
