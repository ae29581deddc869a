/** When a lot closes: the effective closing, which soft closing moves, and the grace after it. */
import type { LotTerms } from '../../shared/wire/commands.ts';
import { CLOSING_GRACE_MS } from '../../shared/wire/limits.ts';
import type { Instant } from '../../shared/wire/vocabulary.ts';
import type { Lot } from './lot.ts';

/**
 * The effective closing after a bid stamped `at`, where it was `closesAt` before. A bid within the window before the
 * closing moves it to `by` after the bid: never back, and never beyond `until`.
 */
export function closingAfterBid(terms: LotTerms, closesAt: Instant, at: Instant): Instant {
  const { extension } = terms;
  if (extension === undefined || at < closesAt - extension.window) return closesAt;
  return Math.max(closesAt, Math.min(at + extension.by, extension.until)) as Instant;
}

/** The latest instant to which bids can move the closing of these terms. */
export function latestClosing(terms: LotTerms): Instant {
  return Math.max(terms.closesAt, terms.extension?.until ?? 0) as Instant;
}

/** From when on the lot can be closed: every fresh bid that was stamped in time has arrived by then. */
export function dueAt(lot: Lot): Instant {
  return (lot.closesAt + CLOSING_GRACE_MS) as Instant;
}

/** Whether the lot is open although signed time says that it should be closed. */
export function isDue(lot: Lot, signedNow: Instant): boolean {
  return lot.status === 'open' && signedNow >= dueAt(lot);
}
