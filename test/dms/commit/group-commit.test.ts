import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { bid, closingAt, listing, lotOf, stagedHouse, turnOver } from '../house-fixture.ts';

let { journal, house, desk, records, accepted, rejected } = await stagedHouse();
beforeEach(async () => {
  ({ journal, house, desk, records, accepted, rejected } = await stagedHouse());
});

describe('one commit for many', () => {
  /** Occupies the journal with the listing, so that what is submitted next gathers. */
  async function whileCommitting(submit: () => Promise<unknown>[]): Promise<unknown[]> {
    const release = journal.hold();
    const first = house.submit(...desk);
    await turnOver();
    const answers = submit();
    release();
    await first;
    return Promise.all(answers);
  }

  it('a bid sees those before it in its batch, and a no waits for the batch it was decided in', async () => {
    const bids = await Promise.all(
      [100, 110, 115, 120, 120].map((amount, n) => bid(desk, { who: `bidder ${n}`, amount, serial: 10_000 + n })),
    );
    const order: number[] = [];
    const answers = await whileCommitting(() =>
      bids.map(async (one, n) => {
        const answer = await house.submit(...one);
        // The fourth bid is on disk when the third one's no is told.
        expect(await records()).toBe(4);
        order.push(n);
        return answer;
      }),
    );
    const no = [rejected('bid-below-increment'), rejected('tie-lost')];
    expect(answers).toEqual([accepted(2), accepted(3), no[0], accepted(4), no[1]]);
    expect(journal.batches.map((batch) => batch.map(({ expect }) => expect))).toEqual([[0], [1, 2, 3]]);
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  it('while closings wait there is a turn between two commits, in which everybody gets on', async () => {
    const [following, due] = [await bid(desk, { amount: 100 }), await closingAt(13_000)];
    const release = journal.hold();
    const first = house.submit(...desk).then(() => house.submit(...following));
    await turnOver();
    const closing = house.close(lotOf(desk), due);
    release();
    // What comes when the answers of a commit go out is in the next one.
    expect([await first, await closing]).toEqual([accepted(2), accepted(3)]);
    expect(journal.batches.map((batch) => batch.length)).toEqual([1, 2]);
  });

  it('a lot and the bids on it can be of one batch; lots are numbered in order', async () => {
    const atlas = await listing({ terms: { title: 'Atlas' } });
    const onAtlas = await bid(atlas, { amount: 100 });
    const globe = await listing({ terms: { title: 'Globe' } });
    const answers = await whileCommitting(() => [
      house.submit(...atlas),
      house.submit(...onAtlas),
      house.submit(...globe),
    ]);
    const lot = lotOf(atlas);
    expect(answers).toEqual([
      { outcome: 'accepted', position: 2, lot, number: 2 },
      { outcome: 'accepted', position: 3, lot, number: 2 },
      { outcome: 'accepted', position: 4, lot: lotOf(globe), number: 3 },
    ]);
    expect(journal.batches).toHaveLength(2);
  });

  it('takes 512 records at most', async () => {
    const lots = await Promise.all(Array.from({ length: 1_100 }, () => listing()));
    const answers = await whileCommitting(() => lots.map((one) => house.submit(...one)));
    expect(answers.map((answer) => (answer as { position: number }).position)).toEqual(lots.map((_, n) => n + 2));
    expect(journal.batches.map((batch) => batch.length)).toEqual([1, 512, 512, 76]);
  });

  it('takes 1 MiB at most', async () => {
    const lots = await Promise.all(Array.from({ length: 300 }, () => listing({ size: 8_000 })));
    await whileCommitting(() => lots.map((one) => house.submit(...one)));
    const sizes = journal.batches.map((batch) =>
      batch.flatMap(({ record }) => Object.values(record)).reduce((sum, part) => sum + part.byteLength, 0),
    );
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_048_576);
    expect(Math.max(...sizes)).toBeGreaterThan(1_000_000);
    expect(await records()).toBe(301);
  });

  it('refuses commands beyond what a second of disk can take, and takes them again later', async () => {
    const submission = await bid(desk, { amount: 100 });
    const answers = await whileCommitting(() =>
      Array.from({ length: 8_200 }, () =>
        house.submit({ ...submission[0], id: randomUUID() as (typeof submission)[0]['id'] }, submission[1]),
      ),
    );
    expect(answers.filter((answer) => (answer as { code?: string }).code === 'too-many-requests')).toHaveLength(9);
    expect(await house.submit(...(await bid(desk, { amount: 200 })))).toMatchObject({ outcome: 'accepted' });
  });
});
