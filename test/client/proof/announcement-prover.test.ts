import { beforeEach, describe, expect, it } from 'vitest';
import { type AnnouncementProof, AnnouncementProver } from '../../../client/proof/announcement-prover.ts';
import { encodeBase64url, utf8 } from '../../../shared/bytes.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import { verifyCheckpoint } from '../../../shared/journal/checkpoint.ts';
import { encodePath } from '../../../shared/journal/receipt.ts';
import { PublicRecord } from '../../../shared/journal/record.ts';
import { readStamp } from '../../../shared/timestamp/timestamp-token.ts';
import type { Announcement } from '../../../shared/wire/announcements.ts';
import type { LogEntry } from '../../../shared/wire/log.ts';
import type { Amount, Instant, Position, Pseudonym } from '../../../shared/wire/vocabulary.ts';
import { SignedLog } from '../../support/signed-log.ts';
import { uuid } from '../lots.ts';

type Bid = Extract<Announcement, { event: 'someone_bid' }>;

/** A house that signs one journal, and may announce or show another. */
class Scene {
  readonly log: SignedLog;
  readonly proofs: AnnouncementProof[] = [];
  readonly troubles: unknown[] = [];
  readonly evidence: object[] = [];
  /** Requests, in their order; `!` where one began before the last was answered. */
  readonly asked: string[] = [];
  /** The last record that may be known. */
  shownTo = Number.POSITIVE_INFINITY;
  pageLimit = 256;
  refusals: ProtocolError[] = [];
  distort: (entry: LogEntry, position: number) => LogEntry = (entry) => entry;
  /** Called in each pause. */
  meanwhile: (() => void | Promise<void>) | undefined;
  readonly prover: AnnouncementProver;
  #isAsked = false;

  constructor(log: SignedLog) {
    this.log = log;
    const signal = new AbortController().signal;
    this.prover = new AnnouncementProver({
      log: {
        entries: (from) => this.#answer(`entries ${from}`, () => this.#entries(from)),
        inclusion: (position, size) =>
          this.#answer(`inclusion ${position} ${size}`, () => encodePath(log.tree.inclusion(position - 1, size))),
        consistency: (from, to) =>
          this.#answer(`consistency ${from} ${to}`, () => encodePath(log.tree.consistency(from, to))),
      },
      checkpoint: async () => verifyCheckpoint(await log.checkpoint(), log.authority.root.certificate),
      store: {
        keepEvidence: async (name, evidence) => {
          this.evidence.push(evidence);
          return `/evidence/${name}`;
        },
      },
      onProof: (proof) => this.proofs.push(proof),
      onTrouble: (error) => this.troubles.push(error),
      pause: async () => this.meanwhile?.(),
      signal,
    });
  }

  /** What an honest house announces of the record at this position. */
  announcement(position: number): Bid {
    const { record } = this.log.commands[position - 1]!;
    const told = PublicRecord.parse(JSON.parse(utf8.decode(record.publicPart)));
    if (told.kind !== 'bid') throw new Error('every record here is a bid');
    const { lot, amount, pseudonym, closesAt } = told;
    const { at } = readStamp(told.timestamp);
    return { event: 'someone_bid', position: position as Position, lot, amount, pseudonym, at, closesAt, bids: 1 };
  }

  async outcomesOf(...announcements: Announcement[]): Promise<string[]> {
    for (const announcement of announcements) this.prover.expect(announcement);
    await this.prover.settled();
    return this.outcomes;
  }

  get outcomes(): string[] {
    return this.proofs.map(({ position, outcome }) => `${position} ${outcome}`);
  }

  async #answer<Answer>(request: string, answer: () => Answer): Promise<Answer> {
    this.asked.push(this.#isAsked ? `! ${request}` : request);
    this.#isAsked = true;
    await Promise.resolve();
    this.#isAsked = false;
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
    return answer();
  }

  #entries(from: number): LogEntry[] {
    const end = Math.min(this.shownTo, this.log.commands.length, from + this.pageLimit - 1);
    return this.log.commands.slice(from - 1, end).map(({ record, position }) => {
      const entry = { record: utf8.decode(record.publicPart), commitment: encodeBase64url(record.commitment) };
      return this.distort(entry, position);
    });
  }
}

let scene: Scene;
beforeEach(async () => {
  const log = await SignedLog.create();
  for (const amount of [1, 2, 3, 4, 5, 6, 7]) await log.bid(amount);
  scene = new Scene(log);
});

describe('what an honest house announces', () => {
  it('is verified, with one request at a time and one page for all of it', async () => {
    const outcomes = await scene.outcomesOf(scene.announcement(3), scene.announcement(5), scene.announcement(7));
    expect(outcomes).toEqual(['3 verified', '5 verified', '7 verified']);
    expect(scene.asked).toEqual(['entries 3', 'inclusion 3 3']);
  });

  it('is verified with what comes after the last page, from the edge of the tree', async () => {
    await scene.outcomesOf(scene.announcement(6));
    await scene.log.bid(8);
    await scene.log.bid(9);
    expect(await scene.outcomesOf(scene.announcement(8), scene.announcement(9))).toContain('9 verified');
    expect(scene.asked).toEqual(['entries 6', 'inclusion 6 6', 'entries 8']);
  });

  it('is verified without a request if the log had shown it already', async () => {
    await scene.outcomesOf(scene.announcement(2));
    expect(await scene.outcomesOf(scene.announcement(7), scene.announcement(4))).toHaveLength(3);
    expect(scene.asked).toEqual(['entries 2', 'inclusion 2 2']);
  });

  it('is verified where it is told late, under a position from before the edge', async () => {
    await scene.outcomesOf(scene.announcement(5));
    expect(await scene.outcomesOf(scene.announcement(2))).toEqual(['5 verified', '2 verified']);
  });

  it('is verified page by page, each by a proof that the signed journal continues it', async () => {
    scene.pageLimit = 2;
    expect(await scene.outcomesOf(scene.announcement(1), scene.announcement(5))).toEqual(['1 verified', '5 verified']);
    expect(scene.asked).toContain('consistency 2 7');
  });

  it('waits while the log stops before a bid that is withheld, and has not failed meanwhile', async () => {
    scene.shownTo = 3;
    let pauses = 0;
    scene.meanwhile = () => {
      pauses += 1;
      if (pauses === 20) scene.shownTo = 7;
      else if (pauses < 20) expect(scene.outcomes).toEqual(['3 verified']);
    };
    expect(await scene.outcomesOf(scene.announcement(3), scene.announcement(5))).toEqual(['3 verified', '5 verified']);
    expect(scene.troubles).toEqual([]);
  });

  it('waits while the house is away or has too much to do', async () => {
    scene.refusals = Array.from(
      { length: 20 },
      (_, index) => new ProtocolError(index % 2 === 0 ? 'dms-unreachable' : 'too-many-requests'),
    );
    expect(await scene.outcomesOf(scene.announcement(4))).toEqual(['4 verified']);
  });
});

describe('what a house announces that its journal does not say', () => {
  it.each<[string, (honest: Bid) => Announcement]>([
    ['amount', (honest) => ({ ...honest, amount: 99 as Amount })],
    ['pseudonym', (honest) => ({ ...honest, pseudonym: uuid(7) as Pseudonym })],
    ['time', (honest) => ({ ...honest, at: (honest.at + 1) as Instant })],
    ['closing', (honest) => ({ ...honest, closesAt: (honest.closesAt + 1) as Instant })],
    ['lot', (honest) => ({ ...honest, lot: uuid(8) as Bid['lot'] })],
    ['position', (honest) => ({ ...honest, position: 5 as Position })],
    ['kind', ({ position, lot, at }) => ({ event: 'item_closed', position, lot, at, outcome: 'unsold' })],
  ])('fails: another %s', async (_what, distort) => {
    await scene.outcomesOf(distort(scene.announcement(4)));
    const [proof] = scene.proofs;
    expect(proof).toMatchObject({ outcome: 'failed', error: { code: 'announcement-false' } });
    expect(scene.evidence).toMatchObject([{ announcement: { position: proof!.position }, record: expect.any(String) }]);
    // The rest of what it says is judged by itself.
    expect(await scene.outcomesOf(scene.announcement(6))).toContain('6 verified');
  });

  it.each([3, 5, 6])('fails where the log shows a record %i that fits, and is not the signed one', async (at) => {
    const lie = { ...scene.announcement(at), amount: 99 as Amount };
    scene.distort = (entry, position) =>
      position === at ? { ...entry, record: entry.record.replace(`"amount":${at},`, '"amount":99,') } : entry;
    expect(await scene.outcomesOf(scene.announcement(2), lie)).toEqual(['2 failed', `${at} failed`]);
    scene.distort = (entry) => entry;
    expect(await scene.outcomesOf(scene.announcement(7))).toContain('7 verified');
  });

  it('fails where a later page does not continue what was proven', async () => {
    await scene.outcomesOf(scene.announcement(7));
    await scene.log.bid(8);
    scene.distort = (entry) => ({ ...entry, record: entry.record.replace('"amount":8,', '"amount":99,') });
    const lie = { ...scene.announcement(8), amount: 99 as Amount };
    expect(await scene.outcomesOf(lie)).toEqual(['7 verified', '8 failed']);
    // What stands behind it is proven from there on.
    await scene.log.bid(9);
    expect(await scene.outcomesOf(scene.announcement(9))).toContain('9 verified');
  });

  it('fails where the house refuses again and again to show the record', async () => {
    scene.refusals = Array.from({ length: 5 }, () => new ProtocolError('not-found'));
    expect(await scene.outcomesOf(scene.announcement(4), scene.announcement(5))).toEqual(['4 failed', '5 verified']);
  });
});
