/** A Trusted Service or a DMS that is down at the start, or goes away in the middle: a code for it, no process ends, nothing is lost. */
import { afterEach, describe, expect, it } from 'vitest';
import type { AuctionClient } from '../../client/auction-client.ts';
import type { LinkState } from '../../client/connection/link.ts';
import type { Sale } from '../../client/notice-desk.ts';
import { CLOSING_GRACE_MS } from '../../shared/wire/limits.ts';
import type { Amount } from '../../shared/wire/vocabulary.ts';
import { DmsProcess } from '../support/dms-process.ts';
import { readJournal } from '../support/journal-records.ts';
import { refusalOf } from '../support/refusal.ts';
import { RunningHouse } from '../support/running-house.ts';
import { until } from '../support/until.ts';

let house: RunningHouse;
afterEach(() => house.close());

const amount = (value: number) => value as Amount;

function linkStates(client: AuctionClient): LinkState[] {
  const states: LinkState[] = [];
  client.on('link', (state) => states.push(state));
  return states;
}

describe('down at the start', () => {
  it('the Trusted Service: the DMS waits for it as long as it takes, and says so', async () => {
    house = await RunningHouse.start({ withoutDms: true });
    await house.stopService();
    const dms = DmsProcess.launch(house);
    try {
      await until('its first complaint', () => dms.log.includes('trusted-service-unreachable'));
      expect(dms.hasEnded).toBe(false);
      await house.startService();
      expect(JSON.parse((await dms.firstLine()) ?? '{}')).toMatchObject({ listening: house.dmsUrl });
      expect(await dms.stop()).toBe(0);
    } finally {
      await dms.kill();
    }
  });

  it('either: a client gives up after its limit with the code of what is missing, and waits that long for it', async () => {
    house = await RunningHouse.start();
    await house.stopDms();
    expect(await refusalOf(house.enrolled('ann', { connectLimitMs: 600 }))).toBe('dms-unreachable');
    await house.stopService();
    expect(await refusalOf(house.enrolled('bob', { connectLimitMs: 600 }))).toBe('trusted-service-unreachable');
    const [ann, bob] = [
      house.enrolled('ann', { connectLimitMs: 15_000 }),
      house.enrolled('bob', { connectLimitMs: 15_000 }),
    ];
    await house.startService();
    await house.startDms();
    // The name that was asked for in vain is still free for the same home, and the other home is enrolled already.
    expect([(await ann).username, (await bob).username]).toEqual(['ann', 'bob']);
  });

  it('a house that is no other: the wrong root is not believed, whoever answers', async () => {
    house = await RunningHouse.start();
    const fake = await RunningHouse.start({ withoutDms: true });
    const wrong = { root: `sha256:${fake.root.sha256}` };
    expect(await refusalOf(house.enrolled('eve', { ...wrong, connectLimitMs: 2_000 }))).toBe('peer-untrusted');
    expect(await refusalOf(house.enrolled('eve', { trustedServiceUrl: fake.serviceUrl, connectLimitMs: 2_000 }))).toBe(
      'peer-untrusted',
    );
    await fake.close();
  });
});

describe('away in the middle', () => {
  it('the Trusted Service: bids wait, questions do not, and what fell due is closed when it is back', async () => {
    house = await RunningHouse.start();
    const [seller, bidder, hasty] = await Promise.all([
      house.enrolled('sue'),
      house.enrolled('bob'),
      house.enrolled('hasty', { answerLimitMs: 800 }),
    ]);
    const closesAt = Math.round(house.now()) + 2_500;
    await seller.list(house.terms({ closesAt }));
    await seller.list(house.terms({ title: 'Later', closesAt: closesAt + 600_000 }));
    expect(await bidder.bid({ lot: 1, amount: amount(150) })).toMatchObject({ outcome: 'accepted' });
    const sales: Sale[] = [];
    bidder.on('auction-closed', (sale) => sales.push(sale));
    await house.stopService();

    const waiting = bidder.bid({ lot: 2, amount: amount(500) });
    expect(await refusalOf(hasty.bid({ lot: 2, amount: amount(400) }))).toBe('trusted-service-unreachable');
    expect((await hasty.allItems()).lots).toHaveLength(2);
    // Nothing is closed by a time that nobody has signed.
    await until('the first lot to fall due', () => house.now() > closesAt + CLOSING_GRACE_MS + 200);
    expect((await hasty.allItems()).lots[0]).toMatchObject({ status: 'open' });

    await house.startService();
    expect(await waiting).toMatchObject({ outcome: 'accepted' });
    await until('the disclosure', () => sales.length === 1);
    expect(sales[0]).toMatchObject({ counterparty: { username: 'sue' }, notice: { hammerPrice: 150 } });
    expect(house.failures).toEqual([]);
    const kinds = readJournal(house.journalFile).map((record) => record.public.kind);
    expect(kinds.filter((kind) => kind === 'bid')).toHaveLength(2);
  });

  it('the DMS: a client says so, comes back by itself, and its command is answered once', async () => {
    house = await RunningHouse.start();
    const [seller, bidder, hasty] = await Promise.all([
      house.enrolled('sue'),
      house.enrolled('bob'),
      house.enrolled('hasty', { answerLimitMs: 800 }),
    ]);
    await seller.list(house.terms({ closesAt: Math.round(house.now()) + 600_000 }));
    await bidder.bid({ lot: 1, amount: amount(110) });
    const [states, hastyStates] = [linkStates(bidder), linkStates(hasty)];
    await house.stopDms();
    await until('the news of it', () => states.some(({ up }) => !up));
    const first = states.find((state) => !state.up);
    expect(first).toMatchObject({ reason: { code: 'shutting-down' } });
    const waiting = Promise.all([120, 130, 140].map((value) => bidder.bid({ lot: 1, amount: amount(value) })));
    const question = bidder.allItems();
    expect(await refusalOf(hasty.bid({ lot: 1, amount: amount(900) }))).toBe('dms-unreachable');
    expect(await refusalOf(hasty.allItems())).toBe('dms-unreachable');
    await house.startDms();
    expect((await question).lots).toHaveLength(1);
    for (const answer of await waiting) {
      // In which order they arrive is open; none is lost, and each has an answer.
      if (answer.outcome === 'rejected') expect(answer.reason).toBe('bid-below-increment');
      else expect(answer.outcome).toBe('accepted');
    }
    await until('the links', () => [states, hastyStates].every((told) => told.at(-1)?.up === true));
    const { lots } = await hasty.allItems();
    expect(lots[0]).toMatchObject({ leadingAmount: 140 });
    const ids = readJournal(house.journalFile).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe((await bidder.allItems()).position);
  });

  it('the DMS, while its journal is in the hands of another: it does not start, and says why', async () => {
    house = await RunningHouse.start();
    expect(await refusalOf(house.startDms({ port: 0 }))).toBe('journal-locked');
    const dms = DmsProcess.launch(house);
    expect(await dms.firstLine()).toBeUndefined();
    await until('its end', () => dms.hasEnded);
    expect(dms.log).toContain('journal-locked');
  });
});
