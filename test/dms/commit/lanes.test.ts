import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ListCommand } from '../../../dms/auction/verified-command.ts';
import { decideBatch, type Judged } from '../../../dms/commit/decide-batch.ts';
import { HouseState } from '../../../dms/commit/house-state.ts';
import { closingRequest, commandRequest, type Request } from '../../../dms/commit/request.ts';
import { RequestQueue, type Waiting } from '../../../dms/commit/request-queue.ts';
import { bid, closingAt, listing, lotOf, newSalt, type Submission } from '../house-fixture.ts';

/** What one commit takes of the house's own: while nobody else waits, and beside people's. */
const [SHARE, SHARE_BESIDE] = [48, 24];
/** More than one commit takes. */
const LOTS = 120;

let desks: Submission<ListCommand>[];
let due: Awaited<ReturnType<typeof closingAt>>;
let state: HouseState;
let queue: RequestQueue;

beforeAll(async () => {
  // The last one closes later after a bid in its last seconds.
  const extension = { window: 5_000, by: 60_000, until: 600_000 };
  const plain = await Promise.all(Array.from({ length: LOTS - 1 }, () => listing()));
  desks = [...plain, await listing({ terms: { extension } })];
  due = await closingAt(20_000);
});

function setUp(): void {
  state = new HouseState();
  queue = new RequestQueue();
  for (const desk of desks) void queue.enter(commandRequest(...desk));
  commit();
}

beforeEach(setUp);

/** As the house does it: decided, recorded, believed, answered. */
function commit(): Judged<Waiting>[] {
  const batch = decideBatch(queue.next, state, newSalt);
  for (const { request, decided, no } of batch) {
    if (decided !== undefined) state.apply(decided.entry.id, decided.event, decided.entry.record);
    queue.settle(request, no ?? 'recorded');
  }
  return batch;
}

const close = (desk: Submission<ListCommand>) => queue.enter(closingRequest(lotOf(desk), due));
const idsOf = (batch: readonly { request: { id: string } }[]) => batch.map(({ request }) => request.id);
const closed = (list: readonly Submission<ListCommand>[]) => list.map((desk) => `closed:${lotOf(desk)}`);

describe('the order of one commit', () => {
  it('people first, then the house, each in order of arrival', async () => {
    const bids = await Promise.all(desks.slice(0, 3).map((desk) => bid(desk, { amount: 100 })));
    for (const [n, one] of bids.entries()) {
      void close(desks[10 - n]!);
      void queue.enter(commandRequest(...one));
    }
    const expected = [...bids.map(([{ id }]) => id), ...closed([desks[10]!, desks[9]!, desks[8]!])];
    expect(idsOf(commit())).toEqual(expected);
    expect(queue.isEmpty).toBe(true);
  });

  it('takes a share of the house, however many of its requests wait', () => {
    for (const desk of desks) void close(desk);
    const commits = [commit(), commit(), commit()].map(idsOf);
    expect(commits.map((ids) => ids.length)).toEqual([SHARE, SHARE, LOTS - 2 * SHARE]);
    expect(commits.flat()).toEqual(closed(desks));
  });

  it.each([
    ['many', 1_600, 0],
    ['large', 400, 8_000],
  ])('gives the house its share, however %s the commands are that wait', async (_, count, size) => {
    const more = await Promise.all(Array.from({ length: count }, () => listing({ size })));
    for (const one of more) void queue.enter(commandRequest(...one));
    for (const desk of desks) void close(desk);
    const commits = [commit(), commit(), commit()].map((batch) =>
      idsOf(batch).filter((id) => id.startsWith('closed:')),
    );
    expect(commits.map((ids) => ids.length)).toEqual(Array(3).fill(SHARE_BESIDE));
    expect(commits.flat()).toEqual(closed(desks.slice(0, 3 * SHARE_BESIDE)));
    expect(queue.next.people).not.toEqual([]);
  });

  it('lets a bid pass the closing of its own lot, and judges it by its stamp', async () => {
    const inTime = await bid(desks[0]!, { amount: 100, at: 9_999, receivedAt: 19_000 });
    const late = await bid(desks[1]!, { amount: 100, at: 10_000, receivedAt: 19_000 });
    const moving = await bid(desks.at(-1)!, { amount: 100, at: 9_999 });
    const closings = [close(desks[0]!), close(desks[1]!), close(desks.at(-1)!)];
    const bids = [inTime, late, moving].map((one) => queue.enter(commandRequest(...one)));
    commit();
    const rejected = { outcome: 'rejected', reason: 'timestamp-after-closing' };
    expect(await Promise.all(bids)).toEqual(['recorded', rejected, 'recorded']);
    expect(await Promise.all(closings)).toEqual(['recorded', 'recorded', { outcome: 'not-due' }]);
    const lots = [desks[0]!, desks[1]!, desks.at(-1)!].map((desk) => state.lots.get(lotOf(desk))!);
    expect(lots.map(({ status }) => status)).toEqual(['sold', 'unsold', 'open']);
    expect(lots[0]!.closing!.winning!.pseudonym).toBe(inTime[0].pseudonym);
  });
});

describe('who waits for a commit', () => {
  it('comes again to the front of his lane if nothing was decided, whatever came meanwhile', async () => {
    const [first, second, later] = [await listing(), await listing(), await listing()];
    void close(desks[0]!);
    for (const one of [first, second]) void queue.enter(commandRequest(...one));
    const batch = decideBatch(queue.next, state, newSalt);
    void close(desks[1]!);
    void queue.enter(commandRequest(...later));
    queue.putBack(batch.map(({ request }) => request));
    expect(idsOf(commit())).toEqual([first[0].id, second[0].id, later[0].id, ...closed([desks[0]!, desks[1]!])]);
  });

  it('has the room of people: what the house asks of itself takes none of it', async () => {
    const [command, evidence] = await listing();
    const enter = () => queue.enter(commandRequest({ ...command, id: randomUUID() as typeof command.id }, evidence));
    for (const desk of desks) void close(desk);
    for (let waiting = 0; waiting < 8_192; waiting += 1) {
      expect(queue.isFull).toBe(false);
      void enter();
    }
    expect(queue.isFull).toBe(true);
    commit();
    expect(queue.isFull).toBe(false);
    for (const one of queue.takeAll()) queue.settle(one, 'refused');
    expect([queue.isFull, queue.isEmpty]).toEqual([false, true]);
  });

  it('is decided in the order of his lane, once, however commits fall and fail', async () => {
    const some = desks.slice(0, 40);
    const bids = await Promise.all(some.map((desk, n) => bid(desk, { amount: 100, at: n % 2 ? 9_999 : 10_000 })));
    const [people, house]: Request<unknown>[][] = [
      bids.map((one) => commandRequest(...one)),
      some.map((desk) => closingRequest(lotOf(desk), due)),
    ];
    const plan = fc.property(fc.array(arrival, { minLength: 80, maxLength: 80 }), (arrivals) => {
      const ids = idsOf(decideInSteps([people!, house!], arrivals));
      expect(ids.filter((id) => !id.startsWith('closed:'))).toEqual(people!.map(({ id }) => id));
      expect(ids.filter((id) => id.startsWith('closed:'))).toEqual(closed(some));
    });
    fc.assert(plan.beforeEach(setUp), { numRuns: 50 });
  });

  /** Who comes next, and what happens then. */
  const arrival = fc.record({ of: fc.nat(1), follows: fc.constantFrom('commit', 'fail', undefined) });

  function decideInSteps(
    requests: readonly Request<unknown>[][],
    steps: readonly { of: number; follows: string | undefined }[],
  ): Judged<Waiting>[] {
    const left = requests.map((all) => [...all]);
    const decided: Judged<Waiting>[] = [];
    const enter = (list: readonly Request<unknown>[]) => {
      for (const request of list) void queue.enter(request);
    };
    for (const { of, follows } of steps) {
      enter(left[of]!.splice(0, 1));
      if (follows === 'commit') decided.push(...commit());
      if (follows === 'fail') queue.putBack(decideBatch(queue.next, state, newSalt).map(({ request }) => request));
    }
    enter(left.flat());
    while (!queue.isEmpty) decided.push(...commit());
    return decided;
  }
});
