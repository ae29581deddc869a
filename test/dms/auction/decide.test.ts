/** One row per rule, and for every two rules that can be broken at once: the earlier one is the reason. */
import { describe, expect, it } from 'vitest';
import { BID_RULES, decide, LISTING_RULES } from '../../../dms/auction/decide.ts';
import type { Lot } from '../../../dms/auction/lot.ts';
import type { BidCommand, ListCommand, VerifiedCommand } from '../../../dms/auction/verified-command.ts';
import { InvariantViolation } from '../../../shared/invariant.ts';
import { REJECTION_REASONS, type RejectionReason } from '../../../shared/wire/commands.ts';
import { CLOSING_GRACE_MS, MAX_LOT_LIFE_MS } from '../../../shared/wire/limits.ts';
import { bid, close, listing, OTHER_DIGEST, pseudonymOf, Saleroom, SELLER, subjectOf, termsOf } from './saleroom.ts';

type Bid = VerifiedCommand & BidCommand;
type Listing = VerifiedCommand & ListCommand;
type Changes = { lot?: object; terms?: object; leading?: object; bid?: object };

const [[, isMissing], ...FOUND_LOT_RULES] = BID_RULES;

/** The lot has a leading bid of 100; 150 is a good bid on it. */
const GOOD_BID = bid({ who: 'bob', amount: 150, at: 5_000, serial: 50 });
function lotWithBid(): Lot {
  const room = new Saleroom();
  room.submit(listing(termsOf({ increment: 10 }), 1_000, 10));
  room.submit(bid({ who: 'ann', amount: 100, at: 2_000, serial: 20 }));
  return room.open;
}

/** How to break each rule of a bid on a lot that exists, without breaking any other. */
const BREAKS: Record<string, Changes> = {
  'lot-closed': { lot: { status: 'sold' } },
  'bidder-is-seller': { bid: { subject: SELLER } },
  'terms-mismatch': { bid: { termsDigest: OTHER_DIGEST } },
  'timestamp-before-listing': { lot: { listedAt: 5_001 } },
  'timestamp-after-closing': { lot: { closesAt: 5_000 } },
  'bid-below-starting-price': { terms: { startingPrice: 151 } },
  'bid-below-increment': { leading: { amount: 141 } },
  'tie-lost': { leading: { amount: 150 } },
};

function broken(...reasons: string[]): [Bid, Lot] {
  const changes = reasons.map((reason) => BREAKS[reason]!);
  const lot = lotWithBid();
  const leading = Object.assign({}, lot.told.leading, ...changes.map((change) => change.leading));
  const terms = Object.assign({}, lot.terms, ...changes.map((change) => change.terms));
  const changed = Object.assign({}, lot, ...changes.map((change) => change.lot), { terms, leading });
  return [
    Object.assign({}, GOOD_BID, ...changes.map((change) => change.bid)),
    { ...changed, told: { ...lot.told, leading } },
  ];
}

const judged = ([command, lot]: [Bid, Lot]) => decide(lot, command, 2);
const rejected = (reason: RejectionReason) => ({ accepted: false, reason });

describe('the table of rules', () => {
  it('has every reason of the protocol once, in its order', () => {
    expect([...BID_RULES, ...LISTING_RULES].map(([reason]) => reason)).toEqual(REJECTION_REASONS);
    expect(FOUND_LOT_RULES.map(([reason]) => reason)).toEqual(Object.keys(BREAKS));
  });
});

describe('a bid', () => {
  it('that breaks no rule is accepted', () => {
    expect(judged(broken())).toEqual({
      accepted: true,
      event: {
        type: 'bid-placed',
        lot: lotWithBid().id,
        bidder: subjectOf('bob'),
        amount: 150,
        pseudonym: pseudonymOf(50),
        at: 5_000,
        serial: 50,
        closesAt: 10_000,
        withheld: false,
      },
    });
  });

  it('on a lot that is not there: lot-not-found, whatever else is wrong with it', () => {
    expect(isMissing(undefined)).toBe(true);
    expect(decide(undefined, GOOD_BID, 1)).toEqual(rejected('lot-not-found'));
    expect(decide(undefined, { ...GOOD_BID, subject: SELLER, termsDigest: OTHER_DIGEST }, 1)).toEqual(
      rejected('lot-not-found'),
    );
  });

  it.each(FOUND_LOT_RULES.map(([reason]) => reason))('that breaks one rule: %s', (reason) => {
    const [command, lot] = broken(reason);
    const breaking = FOUND_LOT_RULES.filter(([, applies]) => applies(command, lot)).map(([name]) => name);
    expect(breaking).toEqual([reason]);
    expect(judged([command, lot])).toEqual(rejected(reason));
  });

  const pairs = FOUND_LOT_RULES.flatMap((first, index) =>
    FOUND_LOT_RULES.slice(index + 1).map((second) => [first, second]),
  )
    // No amount is both equal to the leading bid and different from it; see the next test.
    .filter(([first, second]) => first![0] !== 'bid-below-increment' || second![0] !== 'tie-lost')
    .map(([first, second]) => ({ first: first![0], second: second![0], rules: [first!, second!] as const }));

  it.each(pairs)('that breaks two rules: $first before $second', ({ first, second, rules }) => {
    const [command, lot] = broken(first, second);
    expect(rules.map(([, applies]) => applies(command, lot))).toEqual([true, true]);
    expect(judged([command, lot])).toEqual(rejected(first));
  });

  it('is never both too low and a lost tie', () => {
    for (let amount = 90; amount < 120; amount += 1) {
      const command = { ...bid({ who: 'bob', amount, at: 5_000, serial: 50 }) };
      const applying = FOUND_LOT_RULES.slice(-2).filter(([, applies]) => applies(command, lotWithBid()));
      expect(applying.length).toBe(amount < 110 ? 1 : 0);
    }
  });

  it('is judged to the millisecond and the serial', () => {
    const answer = (changes: Partial<Parameters<typeof bid>[0]>) =>
      decide(lotWithBid(), bid({ who: 'bob', amount: 110, at: 5_000, serial: 50, ...changes }), 2);
    expect(answer({})).toMatchObject({ accepted: true });
    expect(answer({ amount: 109 })).toEqual(rejected('bid-below-increment'));
    expect(answer({ amount: 99 })).toEqual(rejected('bid-below-starting-price'));
    expect(answer({ at: 999 })).toEqual(rejected('timestamp-before-listing'));
    expect(answer({ at: 1_000, serial: 9 })).toEqual(rejected('timestamp-before-listing'));
    expect(answer({ at: 1_000, serial: 11 })).toMatchObject({ accepted: true });
    expect(answer({ at: 9_999 })).toMatchObject({ accepted: true });
    expect(answer({ at: 10_000 })).toEqual(rejected('timestamp-after-closing'));
    expect(answer({ amount: 100, at: 2_000, serial: 21 })).toEqual(rejected('tie-lost'));
    expect(answer({ amount: 100, at: 2_000, serial: 19 })).toMatchObject({ accepted: true });
    expect(answer({ amount: 100, at: 1_999, serial: 21 })).toMatchObject({ accepted: true });
  });

  it('is withheld from the closing that results from it on', () => {
    const room = Saleroom.withLot({ extension: { window: 1_000, by: 1_500, until: 11_000 } });
    const withheld = (at: number, receivedAt: number) =>
      decide(room.lot, bid({ who: 'bob', amount: 100, at, serial: 50, receivedAt }), 2);
    expect(withheld(8_999, 9_999)).toMatchObject({ event: { withheld: false, closesAt: 10_000 } });
    expect(withheld(8_999, 10_000)).toMatchObject({ event: { withheld: true, closesAt: 10_000 } });
    expect(withheld(9_000, 10_499)).toMatchObject({ event: { withheld: false, closesAt: 10_500 } });
    expect(withheld(9_000, 10_500)).toMatchObject({ event: { withheld: true, closesAt: 10_500 } });
  });

  it('judged against another lot is a bug of ours', () => {
    const lot = { ...lotWithBid(), id: GOOD_BID.id as string as Lot['id'] };
    expect(() => decide(lot, GOOD_BID, 2)).toThrow(InvariantViolation);
  });
});

describe('a listing', () => {
  const YEAR = MAX_LOT_LIFE_MS;
  const answer = (closesAt: number, until?: number) => {
    const extension = until === undefined ? undefined : { window: 1, by: 1, until };
    return decide(undefined, listing(termsOf({ closesAt, extension }), 1_000, 10), 7);
  };

  it('that breaks no rule is accepted under its own id, with the next number', () => {
    const command: Listing = listing(termsOf({}), 1_000, 10);
    expect(decide(undefined, command, 7)).toEqual({
      accepted: true,
      event: {
        type: 'lot-listed',
        lot: command.id,
        number: 7,
        seller: SELLER,
        terms: command.terms,
        termsDigest: command.termsDigest,
        pseudonym: command.pseudonym,
        at: 1_000,
        serial: 10,
      },
    });
  });

  const rows: [RejectionReason, closesAt: number, until?: number][] = [
    ['closing-not-in-future', 1_000],
    ['closing-too-far', 1_001 + YEAR],
    ['extension-before-closing', 10_000, 9_999],
  ];
  it.each(rows)('that breaks one rule: %s', (reason, closesAt, until) => {
    expect(answer(closesAt, until)).toEqual(rejected(reason));
  });
  it('has a row for every rule', () => {
    expect(rows.map(([reason]) => reason)).toEqual(LISTING_RULES.map(([reason]) => reason));
  });

  it('is judged to the millisecond, soft closing included', () => {
    expect(answer(1_001)).toMatchObject({ accepted: true });
    expect(answer(1_000 + YEAR)).toMatchObject({ accepted: true });
    expect(answer(10_000, 1_000 + YEAR)).toMatchObject({ accepted: true });
    expect(answer(10_000, 1_001 + YEAR)).toEqual(rejected('closing-too-far'));
    expect(answer(10_000, 10_000)).toMatchObject({ accepted: true });
  });

  it('that breaks two rules: the earlier one is the reason', () => {
    expect(answer(1_000, 1_001 + YEAR)).toEqual(rejected('closing-not-in-future'));
    expect(answer(1_000, 999)).toEqual(rejected('closing-not-in-future'));
    expect(answer(1_001 + YEAR, 10_000)).toEqual(rejected('closing-too-far'));
  });

  it('of an id that is a lot already is a bug of ours', () => {
    expect(() => decide(lotWithBid(), listing(termsOf({})), 2)).toThrow(InvariantViolation);
  });
});

describe('a closing', () => {
  it('is not due before the grace after the effective closing is over', () => {
    expect(decide(lotWithBid(), close(9_999 + CLOSING_GRACE_MS), 2)).toEqual({ accepted: false, reason: 'not-due' });
  });

  it('sells to the leading bid, or leaves the lot unsold', () => {
    expect(decide(lotWithBid(), close(10_000 + CLOSING_GRACE_MS), 2)).toEqual({
      accepted: true,
      event: {
        type: 'lot-closed',
        lot: lotWithBid().id,
        at: 10_000 + CLOSING_GRACE_MS,
        outcome: 'sold',
        hammerPrice: 100,
        pseudonym: pseudonymOf(20),
      },
    });
    const unsold = Saleroom.withLot();
    expect(unsold.judge(close(13_000))).toEqual({
      accepted: true,
      event: { type: 'lot-closed', lot: unsold.open.id, at: 13_000, outcome: 'unsold' },
    });
  });

  it('happens once', () => {
    const room = Saleroom.withLot();
    room.submit(close(13_000));
    expect(room.judge(close(13_001))).toEqual({ accepted: false, reason: 'lot-closed' });
  });

  it('of a lot that the house does not have is a bug of ours', () => {
    expect(() => decide(undefined, close(13_000), 1)).toThrow(InvariantViolation);
  });
});
