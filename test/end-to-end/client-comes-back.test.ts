import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuctionClient } from '../../client/auction-client.ts';
import { ClientError } from '../../client/client-error.ts';
import type { LinkState } from '../../client/connection/link.ts';
import { KeyStore } from '../../client/identity/key-store.ts';
import type { Sale } from '../../client/notice-desk.ts';
import { OutcomeUnknown } from '../../client/send-command.ts';
import { parseCertificate } from '../../shared/pki/verify-certificate.ts';
import type { Amount, CommandId } from '../../shared/wire/vocabulary.ts';
import { BadLine } from '../support/bad-line.ts';
import { refusalOf } from '../support/refusal.ts';
import { RunningHouse } from '../support/running-house.ts';
import { soon, until } from '../support/until.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const amount = (value: number) => value as Amount;
const newId = () => crypto.randomUUID() as CommandId;

let house: RunningHouse;
beforeEach(async () => {
  house = await RunningHouse.start();
});
afterEach(() => house.close());

/** Everything that the link of a client tells. */
function linkOf(client: AuctionClient): { readonly states: LinkState[]; downs(): number } {
  const states: LinkState[] = [];
  client.on('link', (state) => states.push(state));
  return { states, downs: () => states.filter((state) => !state.up && state.attempt === 1).length };
}

async function listed(client: AuctionClient, inMs = 10 * MINUTE_MS): Promise<number> {
  const answer = await client.list(house.terms({ closesAt: Math.round(house.now() + inMs) }));
  if (answer.outcome !== 'accepted') throw new Error(answer.reason);
  return answer.number;
}

describe('a DMS that goes away', () => {
  it('and comes back is noticed at once, loses no announcement, and answers the bid that waited', async () => {
    const [seller, bidder] = [await house.enrolled('sam'), await house.enrolled('ann')];
    const lot = await listed(seller);
    const heard: number[] = [];
    bidder.on('announcement', ({ position }) => heard.push(position));
    await seller.list(house.terms());
    await until('the announcement', () => bidder.position === 2);
    const link = linkOf(bidder);
    await house.stopDms();
    await until('the link to be down', () => !bidder.isUp, 1_000);
    const bidding = bidder.bid({ lot, amount: amount(500) });
    await until('several attempts', () => link.states.some((state) => !state.up && state.attempt >= 3));
    expect(link.states[0]).toMatchObject({ up: false, attempt: 1, nextTryInMs: 0 });
    await house.startDms();
    expect(await soon('the answer', bidding)).toMatchObject({ outcome: 'accepted', position: 3 });
    expect(link.states.at(-1)).toMatchObject({ up: true });
    await until('its announcement', () => bidder.position === 3);
    expect(heard.filter((position) => position === 2)).toHaveLength(1);
    expect(link.downs()).toBe(1);
  });

  it('does not lose what others did meanwhile', async () => {
    const [seller, far] = [await house.enrolled('sam'), await BadLine.to(house.dmsUrl)];
    const bidder = await house.enrolled('ann', { dmsUrl: far.url });
    const announcements = bidder.announcements();
    far.isCut = true;
    far.cut();
    await until('the link to be down', () => !bidder.isUp);
    for (let count = 0; count < 3; count++) await listed(seller);
    await until('them to be told', () => seller.position === 3);
    far.isCut = false;
    for (const position of [1, 2, 3]) {
      const next = await soon('an announcement', announcements.next());
      expect(next.value).toMatchObject({ event: 'someone_listed', position });
    }
    await far.close();
  });
});

describe('an answer that is lost', () => {
  it('is asked for again under the same id: nothing is recorded twice', async () => {
    const seller = await house.enrolled('sam');
    const lot = await listed(seller);
    const line = await BadLine.to(house.dmsUrl);
    const bidder = await house.enrolled('ann', { dmsUrl: line.url });
    line.isMute = true;
    const bidding = bidder.bid({ lot, amount: amount(500) });
    await until('the bid to be recorded', () => seller.position === 2);
    line.isMute = false;
    line.cut();
    expect(await soon('the answer', bidding)).toMatchObject({ outcome: 'accepted', position: 2 });
    expect(seller.position).toBe(2);
    await line.close();
  });

  it('and does not come in time leaves the outcome unknown, until the command is repeated with its id', async () => {
    const seller = await house.enrolled('sam');
    const lot = await listed(seller);
    const line = await BadLine.to(house.dmsUrl);
    const bidder = await house.enrolled('ann', { dmsUrl: line.url, answerLimitMs: 700 });
    const bid = { lot, amount: amount(500), id: newId() };
    line.isMute = true;
    await expect(bidder.bid(bid)).rejects.toBeInstanceOf(OutcomeUnknown);
    line.isMute = false;
    line.cut();
    await until('the link', () => bidder.isUp);
    const answer = await bidder.bid(bid);
    expect(answer).toMatchObject({ outcome: 'accepted', id: bid.id, position: 2 });
    expect(await bidder.bid(bid)).toEqual(answer);
    await line.close();
  });

  it('that never could have been given is no unknown outcome', async () => {
    const seller = await house.enrolled('sam', { answerLimitMs: 500 });
    const lot = await listed(seller);
    await house.stopDms();
    expect(await refusalOf(seller.bid({ lot, amount: amount(500) }))).toBe('dms-unreachable');
    expect(await refusalOf(seller.allItems())).toBe('dms-unreachable');
  });
});

describe('a Trusted Service that goes away', () => {
  it('keeps the session up, and stamps the waiting bid when it is back', async () => {
    const [seller, bidder] = [await house.enrolled('sam'), await house.enrolled('ann')];
    const lot = await listed(seller);
    const link = linkOf(bidder);
    await house.stopService();
    const bidding = bidder.bid({ lot, amount: amount(500) });
    expect((await bidder.allItems()).lots).toHaveLength(1);
    await house.startService();
    expect(await soon('the answer', bidding)).toMatchObject({ outcome: 'accepted' });
    expect(link.downs()).toBe(0);
  });

  it('is told by its name where the time runs out', async () => {
    const bidder = await house.enrolled('ann', { answerLimitMs: 500 });
    await house.stopService();
    expect(await refusalOf(bidder.list(house.terms()))).toBe('trusted-service-unreachable');
    await house.startService();
  });
});

describe('servers that are down at the start', () => {
  it.each(['trusted-service-unreachable', 'dms-unreachable'])('%s', async (code) => {
    await house.stopDms();
    if (code === 'trusted-service-unreachable') await house.stopService();
    expect(await refusalOf(house.enrolled('ann', { connectLimitMs: 500 }))).toBe(code);
    if (code === 'trusted-service-unreachable') await house.startService();
  });
});

describe('time', () => {
  it('that is days later finds certificate and token renewed, and the former keys still there', async () => {
    const bidder = await house.enrolled('ann');
    const seller = await house.enrolled('sam');
    const lot = await listed(seller, 4 * DAY_MS);
    const clock: number[] = [];
    bidder.on('clock', ({ byMs }) => clock.push(byMs));
    const store = () => KeyStore.open(join(house.home, 'client', 'ann'));
    const before = (await store()).identity!;
    await house.travelTo(house.now() + 3 * DAY_MS);
    expect(await soon('the answer', bidder.bid({ lot, amount: amount(500) }), 20_000)).toMatchObject({
      outcome: 'accepted',
    });
    const after = (await store()).identity!;
    expect(after.secretKey).toEqual(before.secretKey);
    expect(after.agreementKeys.length).toBeGreaterThan(before.agreementKeys.length);
    expect(after.agreementKeys.slice(-before.agreementKeys.length)).toEqual(before.agreementKeys);
    const present = parseCertificate(after.credentials!.certificate);
    expect(present.notAfter).toBeGreaterThan(house.now());
    expect(present.agreementKey).toEqual(after.agreementKeys[0]!.publicKey);
    expect(clock.some((byMs) => Math.abs(byMs - 3 * DAY_MS) < MINUTE_MS)).toBe(true);
    await house.operator.resetTime();
    await until('the way back', () => bidder.time().at < house.now() - 2 * DAY_MS);
    await soon('an answer after the way back', seller.list(house.terms({ closesAt: Date.now() + DAY_MS })), 20_000);
  });

  it('that passes while a session is up renews it, and the session outlives its first token', async () => {
    const client = await house.enrolled('ann');
    const link = linkOf(client);
    for (const step of [1, 2]) {
      const renewed = new Promise<number>((resolve) => client.on('renewed', resolve));
      await house.travelTo(house.now() + 12 * MINUTE_MS);
      expect(await soon(`renewal ${step}`, renewed)).toBeGreaterThan(house.now());
    }
    expect(link.downs()).toBe(0);
    expect(await client.list(house.terms())).toMatchObject({ outcome: 'accepted' });
  });

  it.each([-1, 1])('on a machine whose clock is %d h off is the same', async (hours) => {
    const offset = hours * 60 * MINUTE_MS;
    const clock = { now: () => Date.now() + offset, monotonic: () => performance.now() };
    const client = await house.enrolled('ann', { clock });
    expect(Math.abs(client.time().at - Date.now())).toBeLessThan(1_000);
    expect(await client.list(house.terms())).toMatchObject({ outcome: 'accepted' });
  });
});

describe('a client that can not go on', () => {
  it('says so when its certificate is revoked', async () => {
    const client = await house.enrolled('ann');
    const failed = new Promise((resolve) => client.on('failed', resolve));
    const store = await KeyStore.open(join(house.home, 'client', 'ann'));
    const { serialHex } = parseCertificate(store.identity!.credentials!.certificate);
    await house.operator.revoke({ serial: serialHex, reason: 'keyCompromise' });
    expect(await soon('the end', failed)).toMatchObject({ code: expect.stringMatching(/revoked/) });
    expect(await refusalOf(client.allItems())).toMatch(/revoked/);
  });

  it('says so when another house answers at the address', async () => {
    const client = await house.enrolled('ann');
    const failed = new Promise((resolve) => client.on('failed', resolve));
    await house.stopDms();
    await house.startDms({ journal: `sqlite:${join(house.home, 'other.sqlite')}`, home: join(house.home, 'other') });
    expect(await soon('the end', failed)).toMatchObject({ code: 'house-changed' });
  });

  it.each<[string, object, string]>([
    ['another name', { username: 'bob' }, 'home-of-other-user'],
    ['no name', { username: undefined }, 'none'],
  ])('does not begin with %s', async (_what, changes, code) => {
    await (await house.enrolled('ann')).close();
    const connecting = house.enrolled('ann', changes);
    const found = await connecting.then(
      () => 'none',
      (error) => (error instanceof ClientError ? error.code : error),
    );
    expect(found).toBe(code);
  });

  it('does not begin under a name that somebody has', async () => {
    await house.enrolled('ann');
    const store = await KeyStore.open(join(house.home, 'client', 'other'));
    expect(await refusalOf(house.enrolled('ann', { store }))).toBe('username-taken');
    // The same home may choose another one.
    expect((await house.enrolled('anna', { store })).username).toBe('anna');
  });
});

describe('a winner who was away at the closing', () => {
  it('gets the notice on return, keeps it, and does not get it again', async () => {
    const [seller, winner] = [await house.enrolled('sam'), await house.enrolled('wendy')];
    const terms = house.terms();
    await seller.list(terms);
    await winner.bid({ lot: 1, amount: amount(500) });
    await winner.close();
    const sold = seller.disclosures().next();
    await house.travelPastClosing(terms.closesAt);
    await soon('the seller', sold);
    const sales: Sale[] = [];
    const store = await KeyStore.open(join(house.home, 'client', 'wendy'));
    const again = await house.enrolled('wendy', { store });
    await until('the notice', async () => (await again.sales()).length === 1);
    expect((await again.sales())[0]).toMatchObject({ counterparty: { username: 'sam', role: 'seller' } });
    await until('its acknowledgement', async () => (await again.allItems()).position >= 5);
    await again.close();
    const third = await house.enrolled('wendy');
    third.on('auction-closed', (sale) => sales.push(sale));
    await third.allItems();
    expect(sales).toEqual([]);
    expect(await third.sales()).toHaveLength(1);
  });
});
