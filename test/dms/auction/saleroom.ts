/** A house of one lot for tests of the rules: commands with sensible defaults, and decide → evolve → letters in memory. */
import { decide } from '../../../dms/auction/decide.ts';
import type { AuctionEvent } from '../../../dms/auction/events.ts';
import { evolve } from '../../../dms/auction/evolve.ts';
import type { Lot } from '../../../dms/auction/lot.ts';
import type { BidCommand, CloseCommand, ListCommand, VerifiedCommand } from '../../../dms/auction/verified-command.ts';
import { type Letter, lettersFor } from '../../../dms/publication/letters.ts';
import type { LotTerms } from '../../../shared/wire/commands.ts';
import type {
  Amount,
  CommandId,
  Digest,
  Instant,
  LotId,
  Position,
  Pseudonym,
  Serial,
  Subject,
} from '../../../shared/wire/vocabulary.ts';

/** A subject in the form of a thumbprint, with the name in front: 43 characters. */
export const subjectOf = (name: string): Subject => name.padEnd(43, '_') as Subject;
export const nameOf = (subject: Subject): string => subject.replace(/_+$/, '');

const uuid = (kind: string, n: number) => `${kind}-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const pseudonymOf = (serial: number): Pseudonym => uuid('aaaaaaaa', serial) as Pseudonym;
export const LOT: LotId = uuid('10000000', 1) as LotId;
export const SELLER: Subject = subjectOf('seller');
export const TERMS_DIGEST: Digest = 'terms'.padEnd(43, '_') as Digest;
export const OTHER_DIGEST: Digest = 'other'.padEnd(43, '_') as Digest;

/** Terms in plain numbers. */
export interface PlainTerms {
  startingPrice?: number;
  increment?: number;
  closesAt?: number;
  extension?: { window: number; by: number; until: number } | undefined;
}

export function termsOf({ startingPrice = 100, increment = 1, closesAt = 10_000, extension }: PlainTerms): LotTerms {
  const terms = { title: 'Oak desk', currency: 'EUR', startingPrice, increment, closesAt };
  return (extension === undefined ? terms : { ...terms, extension }) as LotTerms;
}

/** Listed at 0 with serial 1, unless told otherwise. */
export function listing(terms: LotTerms, at = 0, serial = 1): VerifiedCommand & ListCommand {
  return {
    type: 'list',
    id: LOT as string as CommandId,
    subject: SELLER,
    pseudonym: pseudonymOf(serial),
    at: at as Instant,
    serial: serial as Serial,
    receivedAt: at as Instant,
    terms,
    termsDigest: TERMS_DIGEST,
  } as VerifiedCommand & ListCommand;
}

/** A bid in plain numbers; received when it was stamped, unless told otherwise. */
export interface PlainBid {
  who: string;
  amount: number;
  at: number;
  serial: number;
  receivedAt?: number;
  termsDigest?: Digest;
}

export function bid({ who, amount, at, serial, receivedAt = at, termsDigest = TERMS_DIGEST }: PlainBid) {
  return {
    type: 'bid',
    id: uuid('20000000', serial) as CommandId,
    lot: LOT,
    subject: subjectOf(who),
    pseudonym: pseudonymOf(serial),
    amount: amount as Amount,
    at: at as Instant,
    serial: serial as Serial,
    receivedAt: receivedAt as Instant,
    termsDigest,
  } as VerifiedCommand & BidCommand;
}

export const close = (at: number): CloseCommand => ({ type: 'close', lot: LOT, at: at as Instant });

/** What one step did. */
export interface Step {
  readonly answer: ReturnType<Saleroom['judge']>;
  readonly letters: readonly Letter[];
}

/** Believes only what was decided; every state is frozen, so that a rule that changes one in place fails. */
export class Saleroom {
  lot: Lot | undefined;
  position = 0;
  readonly events: AuctionEvent[] = [];
  readonly letters: Letter[] = [];

  static withLot(terms: PlainTerms = {}): Saleroom {
    const room = new Saleroom();
    room.submit(listing(termsOf(terms)));
    return room;
  }

  get open(): Lot {
    if (this.lot === undefined) throw new Error('nothing was listed');
    return this.lot;
  }

  judge(command: VerifiedCommand | CloseCommand) {
    return decide(this.lot, command, 1);
  }

  submit(command: VerifiedCommand | CloseCommand): Step {
    const answer = this.judge(command);
    return { answer, letters: answer.accepted ? this.record(answer.event) : [] };
  }

  record(event: AuctionEvent): Letter[] {
    this.position += 1;
    const after = deepFreeze(evolve(this.lot, event, this.position as Position));
    const letters = lettersFor(this.lot, event, after, this.position as Position);
    this.lot = after;
    this.events.push(event);
    this.letters.push(...letters);
    return letters;
  }

  /** What follows a closing in the real house: both envelopes, as if sealed. */
  disclose(): Letter[] {
    return this.record({ type: 'sale-disclosed', lot: LOT, envelopes: { seller: 'for-seller', winner: 'for-winner' } });
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
