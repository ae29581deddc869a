/** Events to records of the journal and back. What the rules decided lives here as events, what is kept as records. */
import { digestOfTerms, digestOfText } from '../../shared/crypto/digest.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { decodeRecord, type PrivateRecord, type PublicRecord } from '../../shared/journal/record.ts';
import { readStamp } from '../../shared/timestamp/timestamp-token.ts';
import type { SaleEvidence, SignedEvidence } from '../../shared/wire/http-endpoints.ts';
import type { Subject } from '../../shared/wire/vocabulary.ts';
import type {
  AuctionEvent,
  BidPlaced,
  LotClosed,
  LotListed,
  NoticeAcknowledged,
  SaleDisclosed,
} from '../auction/events.ts';
import type { Recorded } from '../journal/journal.ts';

/** The signed time by which a lot was due, and the nonce it was asked with. */
export type ClosingEvidence = SaleEvidence['closing'];

/** The two parts of one record, before they are bytes. */
export interface RecordParts {
  readonly public: PublicRecord;
  readonly private: PrivateRecord;
}

/** Who signed the command that the event comes from; `undefined` for what the house did itself. */
export function signerOf(event: AuctionEvent): Subject | undefined {
  if (event.type === 'lot-listed') return event.seller;
  return event.type === 'bid-placed' ? event.bidder : undefined;
}

/** The record of a participant's command, with its evidence in the private part. */
export function recordOfCommand(event: LotListed | BidPlaced, evidence: SignedEvidence): RecordParts {
  const { lot, pseudonym } = event;
  const { statement, certificate, timestamp } = evidence;
  const common = { v: 1, lot, pseudonym, imprint: digestOfText(statement), timestamp } as const;
  if (event.type === 'lot-listed') {
    const { terms, seller: subject } = event;
    const signed = { kind: 'signed', statement, certificate, subject } as const;
    return { public: { ...common, kind: 'listed', terms }, private: signed };
  }
  const { amount, closesAt, withheld, bidder: subject } = event;
  const signed = { kind: 'signed', statement, certificate, subject } as const;
  return { public: { ...common, kind: 'bid', amount, closesAt, withheld }, private: signed };
}

/** The record of a closing; all of it is public. */
export function recordOfClosing(event: LotClosed, evidence: ClosingEvidence): RecordParts {
  const { type: _type, at: _at, ...closing } = event;
  return { public: { v: 1, kind: 'closed', ...closing, ...evidence }, private: { kind: 'none' } };
}

/** The record of a disclosure or of its receipt. That there was one is public, the envelopes are not. */
export function recordOfDisclosure(event: SaleDisclosed | NoticeAcknowledged): RecordParts {
  const { lot } = event;
  return event.type === 'sale-disclosed'
    ? { public: { v: 1, kind: 'disclosed', lot }, private: { kind: 'envelopes', ...event.envelopes } }
    : { public: { v: 1, kind: 'acknowledged', lot, role: event.role }, private: { kind: 'none' } };
}

/**
 * The event that a record stands for. `nextNumber` is the ordinal of the lot if this record lists one. Throws
 * `record-damaged` for bytes that no event has left there.
 */
export function eventOf(recorded: Recorded, nextNumber: number): AuctionEvent {
  const { public: told, private: held } = decodeRecord(recorded.record);
  const event = told.lot === recorded.lot ? eventFrom(told, held, nextNumber) : undefined;
  if (event !== undefined) return event;
  throw new ProtocolError('record-damaged', 'the parts do not belong together');
}

function eventFrom(told: PublicRecord, held: PrivateRecord, nextNumber: number): AuctionEvent | undefined {
  const { kind, lot } = told;
  if (kind === 'listed' && held.kind === 'signed') return listedEvent(told, held.subject, nextNumber);
  if (kind === 'bid' && held.kind === 'signed') return bidEvent(told, held.subject);
  if (kind === 'closed') return closedEvent(told);
  if (kind === 'acknowledged') return { type: 'notice-acknowledged', lot, role: told.role };
  if (kind !== 'disclosed' || held.kind !== 'envelopes') return undefined;
  return { type: 'sale-disclosed', lot, envelopes: { seller: held.seller, winner: held.winner } };
}

type Told<Kind extends PublicRecord['kind']> = Extract<PublicRecord, { kind: Kind }>;

function listedEvent({ lot, terms, pseudonym, timestamp }: Told<'listed'>, seller: Subject, number: number): LotListed {
  const { at, serial } = readStamp(timestamp);
  return { type: 'lot-listed', lot, number, seller, terms, termsDigest: digestOfTerms(terms), pseudonym, at, serial };
}

function bidEvent(told: Told<'bid'>, bidder: Subject): BidPlaced {
  const { lot, amount, pseudonym, closesAt, withheld } = told;
  const { at, serial } = readStamp(told.timestamp);
  return { type: 'bid-placed', lot, bidder, amount, pseudonym, at, serial, closesAt, withheld };
}

function closedEvent(told: Told<'closed'>): LotClosed {
  const { v: _v, kind: _kind, nonce: _nonce, timestamp, ...closing } = told;
  return { type: 'lot-closed', ...closing, at: readStamp(timestamp).at };
}
