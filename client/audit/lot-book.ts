/** All lots of a journal, gone through record by record by an auditor who knows nothing but what everybody may know. */
import { invariant } from '../../shared/invariant.ts';
import type { PublicRecord } from '../../shared/journal/record.ts';
import { AuditedLot, type AuditStamp } from './audited-lot.ts';
import { demand } from './finding.ts';

/** A record, and what its verified timestamp says where its kind has one. */
export interface StampedRecord {
  readonly record: PublicRecord;
  readonly stamp?: AuditStamp;
}

export class LotBook {
  /** In the order of their listing. */
  readonly lots: Map<string, AuditedLot> = new Map();

  /** The record of the next position. Throws `BrokenRule`; then nothing more can be said about its lot. */
  take({ record, stamp }: StampedRecord): void {
    const lot = this.lots.get(record.lot);
    if (record.kind === 'listed') {
      demand(lot === undefined, 'lot-listed-twice');
      this.lots.set(record.lot, new AuditedLot(this.lots.size + 1, record, verified(stamp)));
      return;
    }
    demand(lot !== undefined, 'lot-not-found');
    if (record.kind === 'bid') lot.bid(record, verified(stamp));
    else if (record.kind === 'closed') lot.close(record, verified(stamp));
    else if (record.kind === 'disclosed') lot.disclose();
    else lot.acknowledge(record.role);
  }

  /** Whether some lot may have bids at this time that nobody may know of yet: its closing, as told, has come. */
  maySeal(time: number): boolean {
    return this.lots.values().some(({ closed, toldClosesAt }) => closed === undefined && toldClosesAt <= time);
  }
}

function verified(stamp: AuditStamp | undefined): AuditStamp {
  invariant(stamp !== undefined, 'a record of this kind has a timestamp, which was verified');
  return stamp;
}
