/** A DMS that records one thing and announces another: to a client that proves announcements it is never a price. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuctionClient } from '../../client/auction-client.ts';
import { Narrator } from '../../client/line/narrator.ts';
import { createPlainFace } from '../../client/line/plain-face.ts';
import type { AnnouncementProof } from '../../client/proof/announcement-prover.ts';
import type { Announcement } from '../../shared/wire/announcements.ts';
import { CLOSING_GRACE_MS } from '../../shared/wire/limits.ts';
import type { Amount } from '../../shared/wire/vocabulary.ts';
import { RunningHouse } from '../support/running-house.ts';
import { until } from '../support/until.ts';

/** What the house tells instead of what it has recorded. */
const lies = vi.hoisted(() => ({ tell: (announcement: unknown): unknown => announcement }));
vi.mock('../../dms/publication/letters.ts', async (original) => {
  const honest = await original<typeof import('../../dms/publication/letters.ts')>();
  const lettersFor: typeof honest.lettersFor = (...event) =>
    honest
      .lettersFor(...event)
      .map((letter) =>
        'announcement' in letter ? { ...letter, announcement: lies.tell(letter.announcement) as Announcement } : letter,
      );
  return { ...honest, lettersFor };
});

const amount = (value: number) => value as Amount;

let house: RunningHouse;
let narrator: Narrator;
let seller: AuctionClient;
let bidder: AuctionClient;
let watcher: AuctionClient;
let trusting: AuctionClient;
const proofs: AnnouncementProof[] = [];
const said: string[] = [];

const outcomes = () => proofs.map(({ position, outcome }) => `${position} ${outcome}`);
const settled = (count: number) => until(`${count} proofs`, () => proofs.length >= count);
const lotOf = (client: AuctionClient, number: number) =>
  client.model.lots.values().find((lot) => lot.number === number);
const when = (is: (announcement: Announcement) => boolean, change: (announcement: Announcement) => object) => {
  lies.tell = (announcement) => {
    const honest = announcement as Announcement;
    return is(honest) ? { ...honest, ...change(honest) } : honest;
  };
};

beforeAll(async () => {
  house = await RunningHouse.start();
  seller = await house.enrolled('sam');
  bidder = await house.enrolled('bea');
  trusting = await house.enrolled('tom');
  watcher = await house.enrolled('wim', { proveAnnouncements: true });
  watcher.on('proof', (proof) => proofs.push(proof));
  narrator = new Narrator(
    createPlainFace({ write: (line) => void said.push(line) }, () => ({ at: house.now(), simulated: true })),
  );
  narrator.follow(watcher);
  narrator.begin(watcher, house.dmsUrl);
});
afterAll(async () => {
  narrator.end();
  await house.close();
});

describe('a DMS that announces another amount than it recorded', () => {
  it('is believed as long as it tells the truth, and that is proved', async () => {
    await seller.list(house.terms());
    await bidder.bid({ lot: 1, amount: amount(120) });
    await settled(2);
    expect(outcomes()).toEqual(['1 verified', '2 verified']);
    expect(lotOf(watcher, 1)).toMatchObject({ leading: { amount: 120, proof: 'verified' } });
  });

  it('is caught: its amount is no price, and the one before is', async () => {
    when(
      ({ position }) => position === 3,
      () => ({ amount: amount(990) }),
    );
    await bidder.bid({ lot: 1, amount: amount(130) });
    await settled(3);
    expect(proofs[2]).toMatchObject({ outcome: 'failed', error: { code: 'announcement-false' } });
    expect(lotOf(watcher, 1)).toMatchObject({ leading: { amount: 120, proof: 'verified' }, unproven: true });
    // It does not become one by saying it in another way.
    await watcher.allItems();
    expect(lotOf(watcher, 1)?.leading).toMatchObject({ amount: 120 });
    expect(lotOf(trusting, 1)?.leading).toMatchObject({ amount: 990 });
  });

  it('is told to whoever watches, without its amount', () => {
    expect(said.some((line) => line.includes('ALARM: a bid on #1'))).toBe(true);
    expect(said.filter((line) => line.includes('ALARM')).join('')).not.toContain('9.90');
  });

  it('has its next true bid proved all the same', async () => {
    await bidder.bid({ lot: 1, amount: amount(140) });
    await settled(4);
    expect(lotOf(watcher, 1)).toMatchObject({ leading: { amount: 140, proof: 'verified' }, unproven: true });
  });
});

describe('a DMS that announces another hammer price than it recorded', () => {
  it('has announced no price', async () => {
    const terms = house.terms();
    await seller.list(terms);
    await bidder.bid({ lot: 2, amount: amount(120) });
    await settled(6);
    when(
      ({ event }) => event === 'item_closed',
      () => ({ hammerPrice: amount(121) }),
    );
    await house.travelTo(terms.closesAt + CLOSING_GRACE_MS);
    await until('both closings', () => [1, 2].every((number) => lotOf(watcher, number)?.status === 'sold'));
    await settled(8);
    expect(
      outcomes()
        .slice(6)
        .map((text) => text.split(' ')[1]),
    ).toEqual(['failed', 'failed']);
    expect(lotOf(watcher, 2)).toMatchObject({ status: 'sold', leading: { amount: 120 }, unproven: true });
    expect(lotOf(watcher, 2)).not.toHaveProperty('hammerPrice');
  });
});
