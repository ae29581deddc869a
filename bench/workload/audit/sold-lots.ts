/** The lots as the journal has them, and whether each went to the greatest bid that came in time. */
import type { PublicRecord } from '../../../shared/journal/record.ts';
import type { Report } from './problem.ts';
import type { Recorded } from './recorded.ts';

type Of<Kind extends PublicRecord['kind']> = Extract<PublicRecord, { kind: Kind }>;

/** A recorded bid. */
export interface RecordedBid {
  readonly position: number;
  readonly record: Of<'bid'>;
  readonly at: number;
  readonly serial: number;
}

export interface SoldLot {
  readonly lot: string;
  readonly listed: Of<'listed'>;
  readonly bids: RecordedBid[];
  closed?: { readonly position: number; readonly record: Of<'closed'> };
}

/** `isOver`: the clock was set beyond every closing, so that nothing may be open any more. */
export function foldLots(records: readonly Recorded[], isOver: boolean, report: Report): Map<string, SoldLot> {
  const lots = new Map<string, SoldLot>();
  for (const recorded of records) {
    const { record } = recorded;
    const lot = lots.get(record.lot);
    if (record.kind === 'listed') lots.set(record.lot, { lot: record.lot, listed: record, bids: [] });
    else if (lot !== undefined) take(lot, recorded, report);
  }
  for (const { lot, closed } of lots.values()) {
    if (isOver && closed === undefined) report('not-closed', `lot ${lot}`);
  }
  return lots;
}

function take(lot: SoldLot, { position, record, at = 0, serial = 0 }: Recorded, report: Report): void {
  if (record.kind === 'bid') takeBid(lot, { position, record, at, serial }, report);
  if (record.kind !== 'closed') return;
  if (lot.closed !== undefined) report('not-closed', `lot ${lot.lot} was closed at ${position} again`);
  lot.closed = { position, record };
  judge(lot, report);
}

/** Without soft closings, of which the workload has none, the closing is what the terms say. */
function takeBid(lot: SoldLot, bid: RecordedBid, report: Report): void {
  const { closesAt } = lot.listed.terms;
  if (bid.at >= closesAt)
    report('accepted-after-closing', `position ${bid.position}: ${bid.at}, closed at ${closesAt}`);
  if (lot.closed !== undefined)
    report('accepted-after-closing', `position ${bid.position} after ${lot.closed.position}`);
  lot.bids.push(bid);
}

/** The greatest by amount; of equal ones the earlier, by time and then serial. */
export function greatestOf(bids: readonly RecordedBid[]): RecordedBid | undefined {
  return bids.toSorted(
    (one, other) => other.record.amount - one.record.amount || one.at - other.at || one.serial - other.serial,
  )[0];
}

function judge({ lot, bids, closed }: SoldLot, report: Report): void {
  const best = greatestOf(bids);
  const { outcome, hammerPrice, pseudonym } = closed?.record ?? {};
  const isRight =
    outcome === (best === undefined ? 'unsold' : 'sold') &&
    hammerPrice === best?.record.amount &&
    pseudonym === best?.record.pseudonym;
  if (!isRight) report('winner-wrong', `lot ${lot}: ${outcome} for ${hammerPrice}, best ${best?.record.amount}`);
}
