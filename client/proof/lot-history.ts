/** The announced bids of a lot: from the public log, from its listing on, and what was heard since. */
import { ProtocolError } from '../../shared/errors.ts';
import { PublicRecord } from '../../shared/journal/record.ts';
import { parseStrictJson } from '../../shared/strict-json.ts';
import { readStamp } from '../../shared/timestamp/timestamp-token.ts';
import type { SomeoneBid } from '../../shared/wire/announcements.ts';
import type { LogEntry } from '../../shared/wire/log.ts';
import type { Amount, Instant, LotId, Position } from '../../shared/wire/vocabulary.ts';
import { remedyFor } from '../connection/recovery.ts';
import type { LotModel } from '../store/model.ts';
import type { LogApi } from './log-api.ts';

/** A bid that everybody was told of. Nobody's, but our own: a pseudonym is for one bid. */
export interface PastBid {
  readonly position: Position;
  readonly amount: Amount;
  readonly at: Instant;
}

export interface LotHistory {
  /** In the order of the journal. */
  readonly bids: readonly PastBid[];
  /** Whether it has every bid that was announced. */
  readonly isWhole: boolean;
}

/** Pages of the log that are read for one answer: some ten thousand records. */
const MAX_PAGES = 64;
/** Lots whose bids are remembered, and bids that are heard of each. */
const MAX_LOTS = 256;
const MAX_HEARD = 256;

/** How far a lot's bids were read. */
interface Read {
  next: number;
  readonly bids: Map<number, PastBid>;
}

export class LotHistories {
  readonly #log: Pick<LogApi, 'entries'>;
  readonly #read = new Map<LotId, Read>();
  readonly #heard = new Map<LotId, PastBid[]>();

  constructor(log: Pick<LogApi, 'entries'>) {
    this.#log = log;
  }

  /** Remembers a bid that was announced. */
  hear({ lot, position, amount, at }: SomeoneBid): void {
    const heard = [...(this.#heard.get(lot) ?? []), { position, amount, at }];
    remember(this.#heard, lot, heard.slice(-MAX_HEARD));
  }

  /**
   * What can be known now. Where the log does not answer, or stops before a bid that nobody may know yet, it is what was
   * heard, and `isWhole` says so. Nothing of the log is verified here: that is for an audit.
   */
  async of(lot: LotModel): Promise<LotHistory> {
    const read = this.#read.get(lot.lot) ?? { next: lot.listedPosition ?? Number.POSITIVE_INFINITY, bids: new Map() };
    remember(this.#read, lot.lot, read);
    try {
      await this.#readOn(lot, read);
    } catch (error) {
      // A log that is away, or has readers enough: what was heard is an answer too.
      if (remedyFor(error) === undefined) throw error;
    }
    const all = new Map([...read.bids, ...(this.#heard.get(lot.lot) ?? []).map((bid) => [bid.position, bid] as const)]);
    const bids = [...all.values()].toSorted((one, other) => one.position - other.position);
    return { bids, isWhole: bids.length >= lot.bids };
  }

  async #readOn(lot: LotModel, read: Read): Promise<void> {
    for (let page = 0; page < MAX_PAGES && Number.isFinite(read.next); page++) {
      if (read.bids.size >= lot.bids) return;
      const entries = await this.#log.entries(read.next);
      if (entries.length === 0) return;
      for (const entry of entries) {
        const bid = bidOn(lot.lot, entry);
        if (bid !== undefined) read.bids.set(read.next, { ...bid, position: read.next as Position });
        read.next++;
      }
    }
  }
}

function bidOn(lot: LotId, { record: text }: LogEntry): Omit<PastBid, 'position'> | undefined {
  // Most records are of other lots, and need not be read.
  if (!text.includes(lot)) return undefined;
  const record = parseRecord(text);
  if (record.kind !== 'bid' || record.lot !== lot) return undefined;
  return { amount: record.amount, at: readStamp(record.timestamp).at };
}

function parseRecord(text: string): PublicRecord {
  try {
    return PublicRecord.parse(parseStrictJson(new TextEncoder().encode(text)));
  } catch (cause) {
    // Neither JSON nor of the schema: the house publishes what is no record.
    throw new ProtocolError('record-damaged', 'a record of the public log can not be read', { cause });
  }
}

/** The one that was used last is forgotten last. */
function remember<Value>(values: Map<LotId, Value>, lot: LotId, value: Value): void {
  values.delete(lot);
  values.set(lot, value);
  const [oldest] = values.keys();
  if (values.size > MAX_LOTS && oldest !== undefined) values.delete(oldest);
}
