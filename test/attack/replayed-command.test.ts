/** A command replayed: in its session, after a reconnect, after a restart, by somebody else, for another lot, at another house. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { digestOfTerms } from '../../shared/crypto/digest.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { CompactJws } from '../../shared/wire/vocabulary.ts';
import type { HandParticipant } from '../support/hand-participant.ts';
import { FORGIVING } from '../support/house-servers.ts';
import { readJournal } from '../support/journal-records.ts';
import type { Answer, RawSocket } from '../support/raw-socket.ts';
import { type ListedLot, RunningHouse } from '../support/running-house.ts';

let house: RunningHouse;
let seller: HandParticipant;
let bidder: HandParticipant;
let thief: HandParticipant;
let lot: ListedLot;
let other: ListedLot;
let amount = 100;

beforeAll(async () => {
  house = await RunningHouse.start({ rates: FORGIVING });
  [seller, bidder, thief] = (await Promise.all(['sue', 'bob', 'thief'].map((name) => house.participant(name)))) as [
    HandParticipant,
    HandParticipant,
    HandParticipant,
  ];
  const socket = await house.rawSocket(seller);
  const closesAt = Math.round(house.now()) + 600_000;
  lot = await house.list(seller, socket, { closesAt });
  other = await house.list(seller, socket, { closesAt, title: 'Another desk' });
  socket.close();
});
afterAll(() => house.close());

interface Recorded {
  readonly id: string;
  readonly socket: RawSocket;
  readonly statement: CompactJws;
  readonly timestamp: TimestampToken;
  readonly sealed: string;
  readonly answer: Answer;
}

/** A bid that was accepted just now, with all that crossed the wire. */
async function acceptedBid(): Promise<Recorded> {
  const socket = await house.rawSocket(bidder);
  const id = randomUUID();
  amount += 10;
  const statement = await house.statement(bidder, { ...house.bidClaims(lot, amount), id });
  const timestamp = await bidder.stamp(statement);
  const sealed = bidder.seal(statement, timestamp, socket.sealingKey);
  const answer = await socket.ask('command', sealed);
  expect(answer).toMatchObject({ outcome: 'accepted', lot: lot.lot });
  return { id, socket, statement, timestamp, sealed, answer };
}

/** An answer without what differs from one proof of the same record to the next. */
function wordsOf({ receipt, ...words }: Answer): Answer {
  if (receipt === undefined) return words;
  return { ...words, record: receipt.record, commitment: receipt.commitment };
}

let bid: Recorded;
let length: number;
beforeEach(async () => {
  bid = await acceptedBid();
  length = await house.journalLength(bid.socket);
});

async function expectUnchanged(socket: RawSocket): Promise<void> {
  expect(await house.journalLength(socket)).toBe(length);
}

describe('a replayed command', () => {
  it('gets the same answer in its own session, however often and however many at once', async () => {
    const { socket, sealed, answer } = bid;
    for (let again = 0; again < 3; again++) {
      expect(wordsOf(await socket.ask('command', sealed))).toEqual(wordsOf(answer));
    }
    const many = await Promise.all(Array.from({ length: 50 }, () => socket.ask('command', sealed)));
    expect(many.map(wordsOf)).toEqual(many.map(() => wordsOf(answer)));
    await expectUnchanged(socket);
  });

  it('is recorded once if all its copies come before any is answered', async () => {
    const { socket } = bid;
    const statement = await house.statement(bidder, house.bidClaims(lot, amount + 5));
    const timestamp = await bidder.stamp(statement);
    const copies = Array.from({ length: 50 }, () => bidder.seal(statement, timestamp, socket.sealingKey));
    const answers = await Promise.all(copies.map((sealed) => socket.ask('command', sealed)));
    expect(new Set(answers.map((one) => JSON.stringify(wordsOf(one)))).size).toBe(1);
    expect(answers[0]).toMatchObject({ position: length + 1, lot: lot.lot, number: lot.number });
    expect(await house.journalLength(socket)).toBe(length + 1);
  });

  it('does not open in another session, and sealed anew gets the same answer', async () => {
    const { sealed, statement, timestamp, answer } = bid;
    bid.socket.close();
    const socket = await house.rawSocket(bidder);
    expect(await socket.ask('command', sealed)).toMatchObject({ code: 'envelope-unreadable' });
    const repeated = await socket.ask('command', bidder.seal(statement, timestamp, socket.sealingKey));
    expect(wordsOf(repeated)).toEqual(wordsOf(answer));
    await expectUnchanged(socket);
  });

  it('gets the same answer after a restart, also when its stamp is long stale', async () => {
    const { statement, timestamp, answer } = bid;
    await house.restartDms();
    await house.travelTo(house.now() + 30_000);
    const socket = await house.rawSocket(bidder);
    const restamped = await bidder.stamp(statement);
    for (const token of [timestamp, restamped]) {
      const repeated = await socket.ask('command', bidder.seal(statement, token, socket.sealingKey));
      expect(wordsOf(repeated)).toEqual(wordsOf(answer));
    }
    await expectUnchanged(socket);
  });

  it('is refused from anybody else, and so is its id', async () => {
    const { statement, timestamp, id } = bid;
    const socket = await house.rawSocket(thief);
    const replay = thief.seal(statement, timestamp, socket.sealingKey);
    expect(await socket.ask('command', replay)).toMatchObject({ code: 'statement-not-by-session' });
    expect(await house.bid(thief, socket, lot, amount + 7, id)).toMatchObject({ code: 'id-in-use' });
    expect(await house.command(thief, socket, { type: 'list', ...house.terms(), id })).toMatchObject({
      code: 'id-in-use',
    });
    await expectUnchanged(socket);
  });

  it('counts for no other lot, terms or amount', async () => {
    const { socket, statement, timestamp, id } = bid;
    const [header, claims, signature] = statement.split('.') as [string, string, string];
    const signed = JSON.parse(Buffer.from(claims, 'base64url').toString());
    for (const change of [{ lot: other.lot, terms: digestOfTerms(other.terms) }, { amount: 1 }, { id: randomUUID() }]) {
      const payload = Buffer.from(JSON.stringify({ ...signed, ...change })).toString('base64url');
      const forged = `${header}.${payload}.${signature}` as CompactJws;
      const fresh = await bidder.stamp(forged);
      expect(await socket.ask('command', bidder.seal(forged, fresh, socket.sealingKey))).toMatchObject({
        code: 'signature-invalid',
      });
      expect(await socket.ask('command', bidder.seal(forged, timestamp, socket.sealingKey))).toMatchObject({
        code: 'signature-invalid',
      });
    }
    // Its own signer gets the answer of then, whatever he would like the id to mean now.
    expect(wordsOf(await house.bid(bidder, socket, other, 9_000, id))).toEqual(wordsOf(bid.answer));
    await expectUnchanged(socket);
  });

  it('names the terms that were signed: the same lot under others is another one', async () => {
    const terms = digestOfTerms({ ...lot.terms, increment: 2 as never });
    const claims = { ...house.bidClaims(lot, amount + 8), terms };
    expect(await house.command(bidder, bid.socket, claims)).toEqual({ outcome: 'rejected', reason: 'terms-mismatch' });
    await expectUnchanged(bid.socket);
  });

  it('is refused at another house', async () => {
    const neighbour = await house.startNeighbour();
    expect(neighbour.house).not.toBe(house.house);
    const socket = await house.rawSocket(bidder, undefined, neighbour.url);
    const replay = bidder.seal(bid.statement, bid.timestamp, socket.sealingKey);
    expect(await socket.ask('command', replay)).toMatchObject({ code: 'wrong-house' });
    expect(await house.bid(bidder, socket, lot, amount + 9)).toMatchObject({ code: 'wrong-house' });
    expect(await house.journalLength(socket)).toBe(0);
  });

  it('has left one record for each id', () => {
    const ids = readJournal(house.journalFile).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(house.failures).toEqual([]);
  });
});
