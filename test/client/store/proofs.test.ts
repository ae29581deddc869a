import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_MODEL, type LotModel } from '../../../client/store/model.ts';
import { type KnownAnnouncement, type Message, update } from '../../../client/store/update.ts';
import type { Announcement } from '../../../shared/wire/announcements.ts';
import type { Amount, Digest, Position } from '../../../shared/wire/vocabulary.ts';
import { at, bid, catalogueLot, listed, lotId, sold } from '../lots.ts';

const known = (announcement: Announcement): KnownAnnouncement =>
  announcement.event === 'someone_listed' ? { ...announcement, termsDigest: 'digest' as Digest } : announcement;

function announced(...announcements: Announcement[]): Message {
  const position = Math.max(...announcements.map((one) => one.position)) as Position;
  return { type: 'announced', position, announcements: announcements.map(known), proves: true };
}

function proved(
  position: number,
  outcome: 'verified' | 'failed',
  event: Announcement['event'] = 'someone_bid',
): Message {
  return { type: 'proved', lot: lotId(1), position: position as Position, event, outcome };
}

function lotAfter(...messages: Message[]): LotModel {
  return [announced(listed(1, 1)), ...messages].reduce(update, EMPTY_MODEL).lots.get(lotId(1))!;
}

const moved = { closesAt: at(900), bids: 2 };

describe('the proof of a bid', () => {
  it('is awaited from its announcement on, and is part of the leading bid when it is there', () => {
    expect(lotAfter(announced(bid(2, 1, 10_000))).leading).not.toHaveProperty('proof');
    const lot = lotAfter(announced(bid(2, 1, 10_000)), proved(2, 'verified'));
    expect(lot).toMatchObject({ leading: { amount: 10_000, position: 2, proof: 'verified' } });
    expect(lot).not.toHaveProperty('awaited');
    expect(lot).not.toHaveProperty('unproven');
  });

  it('that fails takes back what the bid changed: price, count and closing', () => {
    const lot = lotAfter(
      announced(bid(2, 1, 10_000)),
      proved(2, 'verified'),
      announced(bid(3, 1, 99_000, moved)),
      proved(3, 'failed'),
    );
    expect(lot).toMatchObject({ leading: { amount: 10_000, proof: 'verified' }, bids: 1, closesAt: at(600) });
    expect(lot.unproven).toBe(true);
  });

  it('that fails leaves no price where there was none', () => {
    expect(lotAfter(announced(bid(2, 1, 10_000)), proved(2, 'failed'))).not.toHaveProperty('leading');
  });

  it('that fails leaves what was announced after it', () => {
    const lot = lotAfter(announced(bid(2, 1, 99_000), bid(3, 1, 11_000)), proved(2, 'failed'));
    expect(lot.leading).toMatchObject({ amount: 11_000, position: 3 });
  });

  it('that fails is no price again when the house says it in its catalogue', () => {
    const lie = { type: 'catalogue', lots: [catalogueLot(1, { leadingAmount: 99_000 as Amount, bids: 1 })] } as const;
    expect(lotAfter(announced(bid(2, 1, 99_000)), proved(2, 'failed'), lie)).not.toHaveProperty('leading');
    const closed = { type: 'catalogue', lots: [{ ...lie.lots[0]!, status: 'sold' }] } as const;
    expect(lotAfter(announced(bid(2, 1, 99_000)), proved(2, 'failed'), closed)).not.toHaveProperty('hammerPrice');
  });

  it('is awaited on while a catalogue says the same', () => {
    const same = { type: 'catalogue', lots: [catalogueLot(1, { leadingAmount: 10_000 as Amount, bids: 1 })] } as const;
    const lot = lotAfter(announced(bid(2, 1, 10_000)), same, proved(2, 'failed'));
    expect(lot).not.toHaveProperty('leading');
  });

  it('in whatever order proofs come, the lot is as if the false bids had never been announced', () => {
    const amounts = fc.array(fc.record({ amount: fc.integer({ min: 1, max: 9 }), isTrue: fc.boolean() }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(amounts, fc.infiniteStream(fc.nat()), (told, dice) => {
        const bids = told.map(({ amount }, index) => bid(index + 2, 1, amount * 1_000, { bids: index + 1 }));
        const proofs = told
          .map(({ isTrue }, index) => ({
            message: proved(index + 2, isTrue ? 'verified' : 'failed'),
            die: dice.next().value,
          }))
          .sort((one, other) => one.die! - other.die!)
          .map(({ message }) => message);
        const lot = lotAfter(announced(...bids), ...proofs);
        const honest = bids.filter((_, index) => told[index]!.isTrue);
        const expected = honest.length === 0 ? lotAfter() : lotAfter(announced(...honest));
        expect(lot.leading?.position).toBe(expected.leading?.position);
        expect(lot.bids).toBe(expected.bids);
        expect(lot.unproven === true).toBe(honest.length < bids.length);
      }),
    );
  });
});

describe('the proof of what is no bid', () => {
  it('takes back a hammer price, and marks the lot', () => {
    const end = announced(sold(3, 1, 99_000));
    expect(lotAfter(end, proved(3, 'verified', 'item_closed'))).toMatchObject({ hammerPrice: 99_000 });
    const lot = lotAfter(end, proved(3, 'failed', 'item_closed'));
    expect(lot).toMatchObject({ status: 'sold', unproven: true });
    expect(lot).not.toHaveProperty('hammerPrice');
  });

  it('marks a lot whose listing was another one', () => {
    expect(lotAfter(proved(1, 'failed', 'someone_listed')).unproven).toBe(true);
    expect(lotAfter(proved(1, 'verified', 'someone_listed'))).not.toHaveProperty('unproven');
  });
});

it('what is announced to a client that has nothing proved is kept as it came', () => {
  const { proves: _proves, ...message } = announced(bid(2, 1, 10_000)) as Extract<Message, { type: 'announced' }>;
  expect(lotAfter(message)).not.toHaveProperty('awaited');
});
