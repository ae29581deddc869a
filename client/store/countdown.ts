/** When something is said about the time that a lot has left: at a few marks, each once. */
import type { Instant, LotId } from '../../shared/wire/vocabulary.ts';
import type { LotModel, Model } from './model.ts';

/** 1 h, 10 min, 1 min, 30 s and 10 s before the closing, and the closing itself. */
export const COUNTDOWN_MARKS_MS: readonly number[] = [3_600_000, 600_000, 60_000, 30_000, 10_000, 0];

/** A lot that passed a mark. */
export interface PassedMark {
  readonly lot: LotModel;
  readonly markMs: number;
}

/** Which mark each open lot passed last. A lot whose closing was moved has marks ahead of it again. */
export type Countdown = ReadonlyMap<LotId, number>;

export const EMPTY_COUNTDOWN: Countdown = new Map();

/**
 * The marks that open lots passed since the last look, one for each lot at most: after a journey in time only the last
 * one is said. A mark that was passed before the lot was first looked at is not said, but for the closing.
 */
export function passMarks(
  countdown: Countdown,
  model: Model,
  now: Instant,
): { readonly countdown: Countdown; readonly passed: readonly PassedMark[] } {
  const next = new Map<LotId, number>();
  const passed: PassedMark[] = [];
  for (const lot of model.lots.values()) {
    if (lot.status !== 'open') continue;
    const before = countdown.get(lot.lot);
    const markMs = markAt(lot.closesAt - now);
    // A closing that was moved sets the lot back to an earlier mark, which is no news.
    const isNews = before === undefined ? markMs === 0 : markMs < before;
    if (isNews) passed.push({ lot, markMs });
    next.set(lot.lot, markMs);
  }
  return { countdown: next, passed };
}

/** The last mark that is behind with so much time left. */
function markAt(leftMs: number): number {
  const passed = COUNTDOWN_MARKS_MS.filter((mark) => leftMs <= mark);
  return Math.min(...passed, Number.POSITIVE_INFINITY);
}
