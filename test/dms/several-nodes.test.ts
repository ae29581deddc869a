/** Houses that share a journal, in one process: what each must not believe, must not forget and must not say. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { ListCommand } from '../../dms/auction/verified-command.ts';
import type { AuctionHouse } from '../../dms/auction-house.ts';
import { ClosingMonitor } from '../../dms/closing-monitor.ts';
import { DisclosureDesk } from '../../dms/disclosure.ts';
import { type Entry, type Journal, JournalAway, type Outcome, type Recorded } from '../../dms/journal/journal.ts';
import { MemoryJournal } from '../../dms/journal/memory-journal.ts';
import { createLog } from '../../dms/log.ts';
import { CLOSING_GRACE_MS } from '../../shared/wire/limits.ts';
import type { Instant, LotId, Position } from '../../shared/wire/vocabulary.ts';
import { until } from '../support/until.ts';
import {
  bid,
  closingAt,
  HOUSE,
  listing,
  lotOf,
  openHouse,
  type Published,
  StagedJournal,
  type Submission,
} from './house-fixture.ts';

/** One node's way to the journal, which can be lost: before an append has come there, or after. */
class NodeJournal extends StagedJournal {
  readonly isShared = true;
  isAway = false;
  losesAnswers = false;

  constructor(shared: Journal) {
    super(shared);
    // Opened once, for all nodes.
    this.open = () => shared.head();
    const read = this.read;
    this.read = async (after: Position, limit: number): Promise<Recorded[]> => {
      await this.#demandThere();
      return read(after, limit);
    };
  }

  override async append(batch: readonly Entry[]): Promise<Outcome[]> {
    await this.#demandThere();
    const outcomes = await super.append(batch);
    if (this.losesAnswers) {
      this.losesAnswers = false;
      throw new JournalAway('the answer was lost');
    }
    return outcomes;
  }

  async #demandThere(): Promise<void> {
    if (!this.isAway) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
    throw new JournalAway();
  }
}

interface Node {
  readonly house: AuctionHouse;
  readonly journal: NodeJournal;
  readonly published: Published[];
}

let shared: MemoryJournal;
let a: Node;
let b: Node;
let desk: Submission<ListCommand>;

async function openNode(): Promise<Node> {
  const journal = new NodeJournal(shared);
  return { journal, ...(await openHouse(journal)) };
}

beforeEach(async () => {
  shared = new MemoryJournal(HOUSE);
  await shared.open();
  [a, b] = [await openNode(), await openNode()];
  desk = await listing();
});

const accepted = (position: number) => ({ outcome: 'accepted', position, lot: lotOf(desk), number: 1 });
const away = { outcome: 'refused', code: 'journal-unavailable' };
const length = async () => (await shared.head()).position;

describe('nodes of one house', () => {
  it('publish what another one has recorded, once and in order, as their own', async () => {
    const stop = new AbortController();
    const following = [a, b].map(({ house }) => house.follow(stop.signal));
    await a.house.submit(...desk);
    await Promise.all(
      [100, 110, 120, 130].map(async (amount, n) => (n % 2 ? a : b).house.submit(...(await bid(desk, { amount })))),
    );
    const end = await length();
    await until('everything at both', () => [a, b].every(({ house }) => house.position === end));
    stop.abort();
    await Promise.all(following);
    expect(a.published.map(({ position }) => position)).toEqual(Array.from({ length: end }, (_, n) => n + 1));
    expect(b.published).toEqual(a.published);
  });

  it('give no no by what they have not heard: the head of the journal is looked at first', async () => {
    // Neither follows here: what it knows of the other it has looked for.
    await a.house.submit(...desk);
    expect(await b.house.submit(...(await bid(desk, { amount: 100 })))).toEqual(accepted(2));
    expect(await a.house.submit(...(await bid(desk, { amount: 105 })))).toEqual({
      outcome: 'rejected',
      reason: 'bid-below-increment',
    });
    expect(a.house.position).toBe(2);
  });

  it('give a notice to know of to whom another node has given it', async () => {
    await a.house.submit(...desk);
    const placed = await bid(desk, { amount: 100 });
    await a.house.submit(...placed);
    await a.house.close(lotOf(desk), await closingAt(20_000));
    await a.house.recordDisclosure(lotOf(desk), { seller: 'to-seller', winner: 'to-winner' });
    expect(await b.house.acknowledge(placed[0].subject, lotOf(desk))).toEqual({ outcome: 'accepted' });
    expect(await a.house.acknowledge(placed[0].subject, lotOf(desk))).toEqual({ outcome: 'accepted' });
    expect(await length()).toBe(5);
  });

  it('record a closing and a disclosure once, and both are told where', async () => {
    await a.house.submit(...desk);
    await a.house.submit(...(await bid(desk, { amount: 100 })));
    await b.house.refresh();
    const evidence = [await closingAt(20_000), await closingAt(20_001)] as const;
    const closings = await Promise.all([
      a.house.close(lotOf(desk), evidence[0]),
      b.house.close(lotOf(desk), evidence[1]),
    ]);
    expect(closings).toEqual([accepted(3), accepted(3)]);
    const envelopes = { seller: 'to-seller', winner: 'to-winner' };
    const disclosures = await Promise.all([a, b].map(({ house }) => house.recordDisclosure(lotOf(desk), envelopes)));
    expect(disclosures).toEqual([accepted(4), accepted(4)]);
  });
});

describe('a journal that is away', () => {
  it('is asked again for what it may have recorded: the answer was lost, the bid was not', async () => {
    await a.house.submit(...desk);
    a.journal.losesAnswers = true;
    expect(await a.house.submit(...(await bid(desk, { amount: 100 })))).toEqual(accepted(2));
    expect(a.published.map(({ position }) => position)).toEqual([1, 2]);
    expect(await length()).toBe(2);
  });

  it('lets another node come first meanwhile: then it is decided again, by what is recorded', async () => {
    await a.house.submit(...desk);
    a.journal.isAway = true;
    // Known to be away only when it is asked.
    Object.defineProperty(a.house, 'trouble', { value: undefined });
    const late = a.house.submit(...(await bid(desk, { amount: 105 })));
    expect(await b.house.submit(...(await bid(desk, { amount: 100 })))).toEqual(accepted(2));
    a.journal.isAway = false;
    expect(await late).toEqual({ outcome: 'rejected', reason: 'bid-below-increment' });
  });

  it('refuses what is not asked of it yet, and the same command again is taken when it is back', async () => {
    await a.house.submit(...desk);
    const release = a.journal.hold();
    const first = bid(desk, { amount: 100 }).then((one) => a.house.submit(...one));
    await until('an append under way', () => a.journal.batches.length === 2);
    const second = await bid(desk, { amount: 110 });
    const waiting = a.house.submit(...second);
    a.journal.losesAnswers = true;
    release();
    expect(await waiting).toEqual(away);
    expect(await first).toEqual(accepted(2));
    expect(await length()).toBe(2);
    expect(await a.house.submit(...second)).toEqual(accepted(3));
  });

  it('refuses at once while it is known to be, but for a repeat of what waits', async () => {
    await a.house.submit(...desk);
    a.journal.losesAnswers = true;
    const doubtful = await bid(desk, { amount: 100 });
    const first = a.house.submit(...doubtful);
    a.journal.isAway = true;
    const again = a.house.submit(...doubtful);
    expect(await a.house.submit(...(await bid(desk, { amount: 110 })))).toEqual(away);
    expect(a.house.trouble).toBe('journal-unavailable');
    a.journal.isAway = false;
    expect(await Promise.all([first, again])).toEqual([accepted(2), accepted(2)]);
  });

  it('is not waited for at the end, and nobody is told what nobody knows', async () => {
    await a.house.submit(...desk);
    Object.defineProperty(a.house, 'trouble', { value: undefined });
    a.journal.isAway = true;
    const doubtful = a.house.submit(...(await bid(desk, { amount: 100 })));
    const fate = doubtful.catch((error: unknown) => error);
    a.journal.close = async () => undefined;
    await a.house.stop();
    expect(await fate).toMatchObject({ name: 'JournalFailed' });
    const hasFailed = await Promise.race([a.house.failure.then(() => true), Promise.resolve(false)]);
    expect(hasFailed).toBe(false);
  });
});

const log = createLog({ write: () => {} });

describe('what is done by the clock', () => {
  it('closes a second later than alone, and leaves the disclosure to the node that has closed', async () => {
    await a.house.submit(...desk);
    await a.house.submit(...(await bid(desk, { amount: 100 })));
    await b.house.refresh();
    const due = desk[0].terms.closesAt + CLOSING_GRACE_MS;
    let now = due + 999;
    const sold: string[] = [];
    const monitorOf = (node: Node, name: string) =>
      new ClosingMonitor({
        house: node.house,
        time: {
          isKnown: true,
          now: () => now as Instant,
          ask: async () => {
            const { timestamp } = await closingAt(now);
            return { nonce: `${name}-${'nonce'.repeat(3)}`, timestamp, at: now as Instant };
          },
        },
        settled: async () => undefined,
        onSold: (lot) => sold.push(`${name} ${lot}`),
        log,
      });
    const monitors = [monitorOf(a, 'a'), monitorOf(b, 'b')];
    await Promise.all(monitors.map((monitor) => monitor.closeDue()));
    expect(await length()).toBe(2);
    now += 1;
    await Promise.all(monitors.map((monitor) => monitor.closeDue()));
    expect(await length()).toBe(3);
    expect(sold).toHaveLength(1);
  });

  it('discloses what another node has sold and not disclosed in time, and nothing else', async () => {
    const asked: LotId[] = [];
    const disclosureDesk = new DisclosureDesk({
      house: b.house,
      service: {
        disclose: async ({ evidence }) => {
          asked.push(evidence.lot);
          return { seller: 'to-seller', winner: 'to-winner' };
        },
      },
      node: { signer: { kid: 'k', sign: async () => new Uint8Array(64) }, chain: ['leaf', 'issuer'] as never },
      authority: 'sha256:test',
      time: { now: () => 1 as Instant },
      log,
      onFailure: (error) => expect.unreachable(String(error)),
    });
    const sell = async (submission: Submission<ListCommand>) => {
      await a.house.submit(...submission);
      await a.house.submit(...(await bid(submission, { amount: 100 })));
      await a.house.close(lotOf(submission), await closingAt(20_000));
    };
    const other = await listing();
    await sell(desk);
    await sell(other);
    await b.house.refresh();
    for (const { letters } of b.published) disclosureDesk.hear(letters);
    disclosureDesk.takeOver();
    expect(asked).toEqual([]);
    await a.house.recordDisclosure(lotOf(other), { seller: 'to-seller', winner: 'to-winner' });
    await b.house.refresh();
    disclosureDesk.takeOver();
    await until('the disclosure', () => b.house.lots.get(lotOf(desk))?.notices.winner !== undefined);
    disclosureDesk.takeOver();
    disclosureDesk.takeOver();
    expect(asked).toEqual([lotOf(desk)]);
  });
});
