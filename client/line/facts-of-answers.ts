/** From what a client answers about lots, receipts, audits and itself to facts. */
import { encodeBase64url } from '../../shared/bytes.ts';
import type { LotId } from '../../shared/wire/vocabulary.ts';
import type { JournalAudit } from '../audit/audit-house.ts';
import type { IdentityCard } from '../back-office.ts';
import type { LotHistory } from '../proof/lot-history.ts';
import type { OwnReceipt } from '../proof/own-receipts.ts';
import type { LotModel, Model } from '../store/model.ts';
import type { AnswerFact, ReceiptFact } from './answer-facts.ts';
import { aboutLot, lotFact, personFact } from './facts-of.ts';

type AnswerOf<Of extends AnswerFact['of']> = Extract<AnswerFact, { readonly of: Of }>;

export function ownBidsData({ position }: Model, lots: readonly LotModel[]): AnswerOf<'mybids'> {
  return { of: 'mybids', position, lots: lots.map((lot) => ({ ...lotFact(lot), ownBids: lot.ownBids })) };
}

/** The lots that are watched, as far as they are known; `changed` is the one that has just been asked about. */
export function watchedData(model: Model, changed?: LotId): AnswerOf<'watch'> {
  const { position, watched, lots } = model;
  const known = [...watched].map((lot) => lots.get(lot)).filter((lot) => lot !== undefined);
  return {
    of: 'watch',
    position,
    lots: known.map(lotFact),
    ...(changed === undefined
      ? {}
      : { changed: { ...aboutLot(changed, lots.get(changed)), watched: watched.has(changed) } }),
  };
}

export function lotData(
  { position, watched }: Model,
  { lot, bids, isWhole }: LotHistory & { readonly lot: LotModel },
): AnswerOf<'lot'> {
  const { ownBids, hammerPrice, counterparty } = lot;
  const own = new Set<number>(ownBids.map((bid) => bid.position));
  return {
    of: 'lot',
    position,
    lot: lotFact(lot),
    watched: watched.has(lot.lot),
    ownBids,
    history: bids.map((bid) => ({
      position: bid.position,
      amount: bid.amount,
      placedAt: bid.at,
      mine: own.has(bid.position),
    })),
    isWhole,
    ...(hammerPrice === undefined ? {} : { hammerPrice }),
    ...(counterparty === undefined ? {} : { counterparty: personFact(counterparty) }),
  };
}

export function receiptFact({ lots }: Model, receipt: OwnReceipt): ReceiptFact {
  const { command, id, lot, amount, position, checkpoint, cosigned, file } = receipt;
  const { size, time, root } = checkpoint;
  return {
    ...aboutLot(lot, lots.get(lot)),
    command,
    commandId: id,
    ...(amount === undefined ? {} : { amount }),
    position,
    checkpoint: { size, time, root: encodeBase64url(root) },
    cosigned,
    file,
  };
}

export function auditData({ house, checkpoint, records, witnessed, lots }: JournalAudit): AnswerOf<'verify'> {
  const { size, time, root } = checkpoint;
  return {
    of: 'verify',
    house,
    checkpoint: { size, time, root: encodeBase64url(root) },
    records,
    ...(witnessed === undefined ? {} : { witnessed }),
    lots: lots.map(({ pseudonym: _ofTheWinningBid, ...lot }) => lot),
  };
}

export function identityData({ dmsUrl, trustedServiceUrl, ...card }: IdentityCard): AnswerOf<'identity'> {
  return { of: 'identity', ...card, dms: dmsUrl, trustedService: trustedServiceUrl };
}
