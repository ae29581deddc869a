import { describe, expect, it } from 'vitest';
import { cautionFor } from '../../../client/commands/caution.ts';
import type { Intent } from '../../../client/commands/intent.ts';
import { EMPTY_MODEL } from '../../../client/store/model.ts';
import { update } from '../../../client/store/update.ts';
import type { Amount } from '../../../shared/wire/vocabulary.ts';
import { catalogueLot, termsOf } from '../lots.ts';

/** Lot 1 asks for 100.00, in steps of 5.00; lot 2 stands at 300.00; lot 3 moves in steps of 100.00; lot 4 is sold. */
const MODEL = update(EMPTY_MODEL, {
  type: 'catalogue',
  lots: [
    catalogueLot(1),
    catalogueLot(2, { leadingAmount: 30_000 as Amount, bids: 3 }),
    catalogueLot(3, { terms: termsOf(3, { increment: 10_000 as Amount }) }),
    catalogueLot(4, { status: 'sold', leadingAmount: 30_000 as Amount, bids: 1 }),
  ],
});
const bid = (lot: number, amount: string, more: object = {}): Intent => ({ name: 'bid', lot, amount, ...more });
const caution = (intent: Intent, hasBidBefore = true) => cautionFor(intent, MODEL, { hasBidBefore });

describe('a bid that jumps', () => {
  it.each<[string, Intent, string | undefined]>([
    ['twice the next valid bid', bid(1, '200.00'), 'jump-bid'],
    ['a cent less', bid(1, '199.99'), undefined],
    ['the next valid bid', bid(1, '100.00'), undefined],
    ['twice the next after a leading one', bid(2, '610.00'), 'jump-bid'],
    ['a cent less than that', bid(2, '609.99'), undefined],
    ['twice, but only ten steps above', bid(3, '1100.00'), undefined],
    ['one step more', bid(3, '1100.01'), 'jump-bid'],
    ['on a lot that is over', bid(4, '9000.00'), undefined],
    ['on a lot that nobody knows', bid(9, '9000.00'), undefined],
    ['that is no amount', bid(1, '1e9'), undefined],
    ['that says yes', bid(1, '9000.00', { yes: true }), undefined],
    ['that is none', { name: 'allitems' }, undefined],
  ])('%s', (_what, intent, code) => {
    expect(caution(intent)?.code).toBe(code);
  });

  it('names both amounts and the lot', () => {
    expect(caution(bid(3, '1200.00'))?.lines).toEqual([
      '1200.00 EUR is far more than the 100.00 EUR that #3 "Lot 3" asks for.',
    ]);
  });
});

describe('a first bid', () => {
  it('says who learns what and when', () => {
    const said = caution(bid(1, '100.00'), false);
    expect(said?.code).toBe('first-bid');
    expect(said?.lines.join(' ')).toMatch(
      /Everybody learns its amount.*never your name.*the seller gets your user name/,
    );
  });

  it('that jumps says both, and is asked about as a jump', () => {
    const said = caution(bid(1, '900.00'), false);
    expect(said?.code).toBe('jump-bid');
    expect(said?.lines.at(-1)).toContain('far more');
    expect(said?.lines.length).toBeGreaterThan(2);
  });

  it('is no matter of anything else', () => {
    expect(caution({ name: 'help' }, false)).toBeUndefined();
    expect(caution(bid(1, '100.00', { yes: true }), false)).toBeUndefined();
  });
});
