/** A small world for the prompt. */

import type { PromptWorld } from '../../../client/prompt/complete.ts';
import type { LotModel } from '../../../client/store/model.ts';
import { EMPTY_MODEL } from '../../../client/store/model.ts';
import type { Amount, Currency, Digest, Instant, LotId, Position } from '../../../shared/wire/vocabulary.ts';

export const NOW = 1_800_000_000_000 as Instant;

export function lotOf(number: number, change: Partial<LotModel> & { title?: string } = {}): LotModel {
  const { title = `Lot ${number}`, ...rest } = change;
  return {
    lot: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}` as LotId,
    number,
    terms: {
      title,
      currency: 'EUR' as Currency,
      startingPrice: 10_000 as Amount,
      increment: 500 as Amount,
      closesAt: (NOW + 600_000) as Instant,
    },
    termsDigest: '' as Digest,
    listedAt: NOW,
    closesAt: (NOW + 600_000) as Instant,
    bids: 0,
    status: 'open',
    mine: false,
    ownBids: [],
    history: [],
    ...rest,
  } as LotModel;
}

export function worldOf(...lots: readonly LotModel[]): PromptWorld {
  const model = { ...EMPTY_MODEL, position: 1 as Position, lots: new Map(lots.map((lot) => [lot.lot, lot])) };
  return { model, now: NOW, watched: new Set() };
}
