import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_MODEL, type LotModel, type Model } from '../../../client/store/model.ts';
import {
  bestOwnBid,
  duration,
  findLot,
  hasBidBefore,
  isLeading,
  lotsWithOwnBids,
  nextValidBid,
  standing,
  timeLeftMs,
} from '../../../client/store/select.ts';
import { type KnownAnnouncement, type Message, update } from '../../../client/store/update.ts';
import { digestOfTerms } from '../../../shared/crypto/digest.ts';
import type { Announcement } from '../../../shared/wire/announcements.ts';
import type { Amount, Position } from '../../../shared/wire/vocabulary.ts';
import { at, bid, catalogueLot, listed, lotId, sold, termsOf } from '../lots.ts';

const known = (announcement: Announcement): KnownAnnouncement =>
  announcement.event === 'someone_listed'
    ? { ...announcement, termsDigest: digestOfTerms(announcement.terms) }
    : announcement;
const announced = (...announcements: Announcement[]): Message => ({
  type: 'announced',
  position: (announcements.at(-1)?.position ?? 0) as Position,
  announcements: announcements.map(known),
});
const accepted = (position: number, n: number, amount: number): Message => ({
  type: 'bid-accepted',
  lot: lotId(n),
  position: position as Position,
  amount: amount as Amount,
});
const modelAfter = (...messages: Message[]): Model => messages.reduce(update, EMPTY_MODEL);
const lotAfter = (...messages: Message[]): LotModel => modelAfter(...messages).lots.get(lotId(1))!;

describe('the model', () => {
  it('follows a lot from its listing to its sale', () => {
    const open = lotAfter(announced(listed(1, 1)), announced(bid(2, 1, 10_000), bid(3, 1, 12_000, { bids: 2 })));
    expect(open).toMatchObject({ number: 1, bids: 2, status: 'open', leading: { amount: 12_000, position: 3 } });
    expect(open.termsDigest).toBe(digestOfTerms(termsOf(1)));
    const closed = lotAfter(announced(listed(1, 1)), announced(bid(2, 1, 10_000), sold(3, 1, 10_000)));
    expect(closed).toMatchObject({ status: 'sold', hammerPrice: 10_000 });
  });

  it('never changes a value that somebody holds', () => {
    const before = modelAfter(announced(listed(1, 1)));
    const copy = structuredClone(before);
    update(before, announced(bid(2, 1, 10_000)));
    update(before, accepted(2, 1, 10_000));
    update(before, { type: 'my-lots', lots: [lotId(1)] });
    update(before, { type: 'catalogue', lots: [catalogueLot(2)] });
    expect(before).toEqual(copy);
  });

  it('takes an announcement that comes twice as one', () => {
    const once = modelAfter(announced(listed(1, 1)), announced(bid(2, 1, 10_000)));
    const twice = update(update(once, announced(listed(1, 1))), announced(bid(2, 1, 10_000)));
    expect(twice.lots).toEqual(once.lots);
  });

  it('ignores what is said about a lot that it has not heard of', () => {
    expect(modelAfter(announced(bid(2, 1, 10_000), sold(3, 1, 10_000)), accepted(2, 1, 10_000)).lots.size).toBe(0);
  });

  it('a soft close moves the closing and nothing moves it back', () => {
    const moved = announced(bid(2, 1, 10_000, { closesAt: at(900) }));
    expect(lotAfter(announced(listed(1, 1)), moved).closesAt).toBe(at(900));
    expect(lotAfter(announced(listed(1, 1)), moved, announced(bid(3, 1, 11_000))).closesAt).toBe(at(900));
  });

  it('the leading bid is the greatest by amount and earlier time, in whatever order bids are told', () => {
    const bids = [
      bid(2, 1, 10_000),
      bid(5, 1, 12_000, { at: at(50) }),
      bid(6, 1, 12_000, { at: at(40) }),
      bid(7, 1, 11_000),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(bids, { minLength: bids.length }), (order) => {
        expect(lotAfter(announced(listed(1, 1)), ...order.map((one) => announced(one))).leading).toMatchObject({
          amount: 12_000,
          position: 6,
        });
      }),
    );
  });

  it('a catalogue keeps what only we know', () => {
    const messages = [announced(listed(1, 1)), announced(bid(2, 1, 10_000)), accepted(2, 1, 10_000)];
    const lot = lotAfter(...messages, {
      type: 'catalogue',
      lots: [catalogueLot(1, { bids: 1, leadingAmount: 10_000 as Amount })],
    });
    expect(lot.ownBids).toEqual([{ position: 2, amount: 10_000 }]);
    expect(lot.leading).toEqual({ amount: 10_000, at: at(2), position: 2 });
  });

  it('a catalogue forgets who led when somebody else does', () => {
    const lot = lotAfter(announced(listed(1, 1)), announced(bid(2, 1, 10_000)), {
      type: 'catalogue',
      lots: [catalogueLot(1, { bids: 2, leadingAmount: 11_000 as Amount })],
    });
    expect(lot.leading).toEqual({ amount: 11_000 });
  });

  it('a lot of ours is ours before it is announced', () => {
    const mine: Message = { type: 'my-lots', lots: [lotId(1)] };
    expect(lotAfter(mine, announced(listed(1, 1))).mine).toBe(true);
    expect(lotAfter(announced(listed(1, 1)), mine).mine).toBe(true);
    expect(lotAfter(mine, { type: 'catalogue', lots: [catalogueLot(1)] }).mine).toBe(true);
    expect(lotAfter(announced(listed(1, 1))).mine).toBe(false);
  });

  it('an own bid whose command was repeated is one bid', () => {
    expect(lotAfter(announced(listed(1, 1)), accepted(2, 1, 10_000), accepted(2, 1, 10_000)).ownBids).toHaveLength(1);
  });
});

describe('what the home knows of earlier runs', () => {
  const recalled: Message = {
    type: 'recalled',
    earlierBids: new Map([[lotId(1), [{ position: 2 as Position, amount: 10_000 as Amount }]]]),
  };
  const catalogue: Message = {
    type: 'catalogue',
    lots: [catalogueLot(1, { bids: 1, leadingAmount: 10_000 as Amount }), catalogueLot(2)],
  };

  it.each<[string, Message[]]>([
    ['before the catalogue', [recalled, catalogue]],
    ['after it', [catalogue, recalled]],
    ['twice', [recalled, catalogue, recalled]],
    ['before the listing', [recalled, announced(listed(1, 1)), announced(bid(2, 1, 10_000))]],
    ['and told again', [recalled, catalogue, accepted(2, 1, 10_000), catalogue]],
  ])('comes %s', (_when, messages) => {
    const lot = lotAfter(...messages);
    expect(lot.ownBids).toEqual([{ position: 2, amount: 10_000 }]);
    expect(standing(lot)).toBe('leading');
  });

  it('is said of its own lot alone', () => {
    const model = modelAfter(recalled, catalogue);
    expect(model.lots.get(lotId(2))?.ownBids).toEqual([]);
    expect(lotsWithOwnBids(model).map(({ number }) => number)).toEqual([1]);
    expect(hasBidBefore(model)).toBe(true);
    expect(hasBidBefore(modelAfter(catalogue))).toBe(false);
    expect(hasBidBefore(modelAfter(recalled))).toBe(true);
    expect(hasBidBefore(modelAfter(catalogue, accepted(2, 1, 10_000)))).toBe(true);
  });

  it('a lot that was watched is, whatever comes', () => {
    const model = modelAfter({ type: 'watched', lots: new Set([lotId(1)]) }, catalogue, announced(bid(3, 1, 11_000)));
    expect([...model.watched]).toEqual([lotId(1)]);
  });

  it('the lots that we bid on come in the order of the newest bids', () => {
    const model = modelAfter(catalogue, accepted(5, 1, 10_000), accepted(6, 2, 10_000), accepted(7, 1, 11_000));
    expect(lotsWithOwnBids(model).map(({ number }) => number)).toEqual([2, 1]);
  });
});

describe('the standing', () => {
  const open = [announced(listed(1, 1)), announced(bid(2, 1, 10_000))];
  const unsold = [announced(listed(1, 1))];
  const cases: [string, Message[]][] = [
    ['none', open],
    ['leading', [...open, accepted(2, 1, 10_000)]],
    ['leading', [announced(listed(1, 1)), accepted(2, 1, 10_000), announced(bid(2, 1, 10_000))]],
    ['leading', [...open, accepted(3, 1, 12_000)]],
    ['outbid', [...open, accepted(2, 1, 10_000), announced(bid(3, 1, 11_000))]],
    ['outbid', [...open, accepted(2, 1, 10_000), announced(bid(3, 1, 10_000, { at: at(1) }))]],
    ['offering', [...open, { type: 'my-lots', lots: [lotId(1)] }]],
    ['won', [...open, accepted(2, 1, 10_000), announced(sold(3, 1, 10_000))]],
    ['lost', [...open, accepted(2, 1, 10_000), announced(bid(3, 1, 11_000), sold(4, 1, 11_000))]],
    ['won', [...open, announced(sold(3, 1, 10_000)), { type: 'auction-closed', lot: lotId(1), role: 'winner' }]],
    ['none', unsold],
  ];

  it.each(cases)('%s', (expected, messages) => {
    expect(standing(lotAfter(...messages))).toBe(expected);
  });

  it('after a snapshot, where only the amount is known, an equal bid is taken for ours', () => {
    const snapshot: Message = {
      type: 'catalogue',
      lots: [catalogueLot(1, { bids: 1, leadingAmount: 10_000 as Amount })],
    };
    expect(isLeading(lotAfter(snapshot, accepted(2, 1, 10_000)))).toBe(true);
    expect(isLeading(lotAfter(snapshot, accepted(2, 1, 9_000)))).toBe(false);
  });
});

describe('what is read off', () => {
  it('the next valid bid', () => {
    expect(nextValidBid(lotAfter(announced(listed(1, 1))))).toBe(10_000);
    expect(nextValidBid(lotAfter(announced(listed(1, 1)), announced(bid(2, 1, 12_000))))).toBe(12_500);
  });

  it('the time left', () => {
    const lot = lotAfter(announced(listed(1, 1)));
    expect(timeLeftMs(lot, at(590))).toBe(10_000);
    expect(timeLeftMs(lot, at(601))).toBe(0);
  });

  it('a lot by number and by id', () => {
    const model = modelAfter(announced(listed(1, 1), listed(2, 2)));
    expect(findLot(model, 2)?.lot).toBe(lotId(2));
    expect(findLot(model, lotId(1))?.number).toBe(1);
    expect(findLot(model, 3)).toBeUndefined();
    expect(findLot(model, lotId(3))).toBeUndefined();
  });

  it('the greatest own bid', () => {
    const messages = [announced(listed(1, 1)), accepted(2, 1, 12_000), accepted(3, 1, 11_000)];
    expect(bestOwnBid(lotAfter(...messages))).toBe(12_000);
    expect(bestOwnBid(lotAfter(announced(listed(1, 1))))).toBeUndefined();
  });

  it.each([
    [0, '0 s'],
    [1, '1 s'],
    [42_000, '42 s'],
    [60_000, '1 min'],
    [3_700_000, '1 h 1 min'],
    [90_000_000, '1 d 1 h'],
    [86_400_000, '1 d'],
  ])('%d ms are %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});
