/** What `AuctionClient` throws to its caller says what to do: repeat with this id, never repeat, or stop. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FailedError, RejectedError, TrustError } from '../../client/errors.ts';
import type { Amount } from '../../shared/wire/vocabulary.ts';
import { RunningHouse } from '../support/running-house.ts';

let house: RunningHouse;
beforeAll(async () => {
  house = await RunningHouse.start();
});
afterAll(() => house.close());

const thrownBy = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('errors of the client', () => {
  it('rejected: a name that is taken stays taken', async () => {
    await house.enrolled('ann');
    const error = await thrownBy(house.enrolled('Ann'));
    expect(error).toBeInstanceOf(RejectedError);
    expect(error).toMatchObject({ kind: 'rejected', code: 'username-taken' });
  });

  it('trust: a server of another root', async () => {
    const error = await thrownBy(house.enrolled('bob', { root: `sha256:${'0'.repeat(64)}` }));
    expect(error).toBeInstanceOf(TrustError);
    expect(error).toMatchObject({ kind: 'trust', code: 'peer-untrusted' });
  });

  it("rejected: an id that belongs to another one's command", async () => {
    const ann = await house.enrolled('ann');
    const { id } = await ann.list(house.terms());
    const bob = await house.enrolled('bob');
    const error = await thrownBy(bob.list(house.terms(), { id }));
    expect(error).toMatchObject({ kind: 'rejected', code: 'id-in-use', id });
  });

  it('failed: a house that is away, with the id to repeat each command with', async () => {
    const [ann, cal] = [await house.enrolled('ann'), await house.enrolled('cal', { answerLimitMs: 500 })];
    const terms = house.terms();
    await ann.list(terms);
    await house.stopDms();
    const ids = [cal.newCommandId(), cal.newCommandId(), cal.newCommandId()] as const;
    const [known, unknown, listing] = await Promise.all([
      thrownBy(cal.bid({ lot: 1, amount: 500 as Amount, id: ids[0] })),
      thrownBy(cal.bid({ lot: 77, amount: 500 as Amount, id: ids[1] })),
      thrownBy(cal.list(terms, { id: ids[2] })),
    ]);
    for (const error of [known, unknown, listing]) expect(error).toBeInstanceOf(FailedError);
    expect([known, unknown, listing]).toMatchObject(ids.map((id) => ({ kind: 'failed', code: 'dms-unreachable', id })));
    expect(await thrownBy(cal.allItems())).toMatchObject({ kind: 'failed', code: 'dms-unreachable', id: undefined });
    // At the beginning, while the house is waited for, too.
    expect(await thrownBy(house.enrolled('cal', { connectLimitMs: 600 }))).toBeInstanceOf(FailedError);
    await house.startDms();
    expect(await ann.bid({ lot: 1, amount: 500 as Amount, id: ids[0] })).toMatchObject({ id: ids[0] });
  });
});
