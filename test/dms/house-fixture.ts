/** What a house needs for its tests: commands as the intake would make them, evidence, and journals that can be held up. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { BidCommand, ListCommand, VerifiedCommand } from '../../dms/auction/verified-command.ts';
import { AuctionHouse } from '../../dms/auction-house.ts';
import type { ClosingEvidence } from '../../dms/commit/event-record.ts';
import {
  type Entry,
  type Head,
  type Journal,
  JournalFailed,
  type Outcome,
  type Recorded,
} from '../../dms/journal/journal.ts';
import { MemoryJournal } from '../../dms/journal/memory-journal.ts';
import type { Letter } from '../../dms/publication/letters.ts';
import { encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { digestOfTerms, sha256 } from '../../shared/crypto/digest.ts';
import { generateP256 } from '../../shared/crypto/ecdsa.ts';
import { createJwsSigner, signJws } from '../../shared/crypto/jws.ts';
import { LotTerms } from '../../shared/wire/commands.ts';
import type { SignedEvidence } from '../../shared/wire/http-endpoints.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { HouseId, LotId, Position, Serial, Subject } from '../../shared/wire/vocabulary.ts';

const authority = createJwsSigner(generateP256());

export const HOUSE = randomUUID() as string as HouseId;
export const newSalt = () => new Uint8Array(randomBytes(32));
export const subjectOf = (name: string): Subject => encodeBase64url(sha256(utf8.encode(name))) as Subject;

/** A token in the right form. The house reads its own records without verifying them again. */
export async function tokenAt(time: number, serial: number): Promise<TimestampToken> {
  const root = encodeBase64url(new Uint8Array(32));
  const claims = { iss: 'sha256:test', clock: 'real', epoch: 1, time, serial, size: 1, root };
  return { batch: await signJws(authority, 'timestamp-batch+jwt', claims), index: 0, path: [] };
}

export async function closingAt(time: number): Promise<ClosingEvidence> {
  return { nonce: 'nonce-nonce-nonce', timestamp: await tokenAt(time, 1_000_000 + time) };
}

/** A command with the evidence that goes with it: the two arguments of `submit`. */
export type Submission<C> = readonly [command: VerifiedCommand & C, evidence: SignedEvidence];

interface Common {
  readonly who: string;
  readonly at: number;
  readonly serial?: number;
  readonly id?: string;
  readonly receivedAt?: number;
}

let lastSerial = 0;

async function submission<C>({ who, at, ...rest }: Common, command: object, size = 0): Promise<Submission<C>> {
  const { serial = ++lastSerial, id = randomUUID(), receivedAt = at } = rest;
  const evidence = {
    statement: `statement of ${id} `.padEnd(size, 's'),
    certificate: `certificate of ${who}`,
    timestamp: await tokenAt(at, serial),
  } as SignedEvidence;
  const common = { id, subject: subjectOf(who), pseudonym: randomUUID(), at, serial: serial as Serial, receivedAt };
  return [{ ...common, ...command } as VerifiedCommand & C, evidence];
}

/** A listing by `who`, closing at 10 000 unless told otherwise. `size` pads the statement, in bytes. */
export function listing(
  given: Partial<Common> & { terms?: object; size?: number } = {},
): Promise<Submission<ListCommand>> {
  const plain = { title: 'Oak desk', currency: 'EUR', startingPrice: 100, increment: 10, closesAt: 10_000 };
  const terms = LotTerms.parse({ ...plain, ...given.terms });
  const command = { type: 'list', terms, termsDigest: digestOfTerms(terms) };
  return submission({ who: 'seller', at: 1_000, ...given }, command, given.size);
}

export function bid(
  on: Submission<ListCommand>,
  given: Partial<Common> & { amount: number },
): Promise<Submission<BidCommand>> {
  const { amount, ...common } = given;
  const command = { type: 'bid', lot: lotOf(on), termsDigest: on[0].termsDigest, amount };
  return submission({ who: 'bidder', at: 2_000, ...common }, command);
}

export const lotOf = (of: Submission<ListCommand>): LotId => of[0].id as string as LotId;

/** The next turn of the event loop: a house has begun to commit what it got in this one. */
export const turnOver = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A journal in front of another one: notes the batches, holds an append until told, or fails after having appended. */
export class StagedJournal implements Journal {
  readonly batches: (readonly Entry[])[] = [];
  failsAfterAppending = false;
  #gate: Promise<void> | undefined;
  readonly #journal: Journal;

  constructor(journal: Journal = new MemoryJournal(HOUSE)) {
    this.#journal = journal;
  }

  /** From now on appends wait; calling the result lets them go. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return () => {
      this.#gate = undefined;
      resolve();
    };
  }

  async append(batch: readonly Entry[]): Promise<Outcome[]> {
    this.batches.push(batch);
    await this.#gate;
    const outcomes = await this.#journal.append(batch);
    if (this.failsAfterAppending) throw new JournalFailed('the power went after the commit');
    return outcomes;
  }

  open = (): Promise<Head> => this.#journal.open();
  read = (after: Position, limit: number): Promise<Recorded[]> => this.#journal.read(after, limit);
  find = (id: string): Promise<Recorded | undefined> => this.#journal.find(id);
  head = (): Promise<Head> => this.#journal.head();
  close = (): Promise<void> => this.#journal.close();
  subscribe: Journal['subscribe'] = (...args) => this.#journal.subscribe(...args);
}

/** One published record. */
export interface Published {
  readonly letters: readonly Letter[];
  readonly position: Position;
}

/** A house on this journal, and everything that it publishes. */
export async function openHouse(journal: Journal): Promise<{ house: AuctionHouse; published: Published[] }> {
  const published: Published[] = [];
  const publish = (letters: readonly Letter[], position: Position) => void published.push({ letters, position });
  return { house: await AuctionHouse.open({ journal, newSalt, publish }), published };
}

/** A house whose journal can be held up, and a desk that nobody has listed there yet. */
export async function stagedHouse() {
  const journal = new StagedJournal();
  const { house } = await openHouse(journal);
  const desk = await listing();
  const answers = {
    accepted: (position: number, number = 1) => ({ outcome: 'accepted', position, lot: lotOf(desk), number }),
    rejected: (reason: string) => ({ outcome: 'rejected', reason }),
    refused: (code: string) => ({ outcome: 'refused', code }),
  };
  const records = async () => (await journal.read(0 as Position, 10_000)).length;
  return { journal, house, desk, records, ...answers };
}
