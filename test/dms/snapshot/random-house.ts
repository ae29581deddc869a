/** Random journals: a house of several lots to which anything may happen, as far as the rules let it. */
import fc from 'fast-check';
import type { ListCommand } from '../../../dms/auction/verified-command.ts';
import type { AuctionHouse } from '../../../dms/auction-house.ts';
import type { Subject } from '../../../shared/wire/vocabulary.ts';
import { bid, closingAt, listing, lotOf, type Submission, subjectOf } from '../house-fixture.ts';

const SELLERS = ['sue', 'sam'];
const BIDDERS = ['ann', 'bob', 'cy'];
const CLOSES_AT = 10_000;
/** All who ever do anything in it. */
export const EVERYBODY: readonly Subject[] = [...SELLERS, ...BIDDERS].map(subjectOf);

export type RandomAct =
  | { readonly act: 'list'; readonly who: number }
  | { readonly act: 'bid'; readonly lot: number; readonly who: number; readonly amount: number; readonly late: boolean }
  | { readonly act: 'close' | 'disclose'; readonly lot: number }
  | { readonly act: 'acknowledge'; readonly lot: number; readonly who: number };

const small = fc.nat(5);
const lot = fc.nat(7);
const anAct: fc.Arbitrary<RandomAct> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ act: fc.constant('list' as const), who: small }) },
  {
    weight: 8,
    arbitrary: fc.record({
      act: fc.constant('bid' as const),
      lot,
      who: small,
      amount: fc.integer({ min: 95, max: 180 }),
      /** Stamped before the closing, received after it: withheld. */
      late: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom('close' as const, 'disclose' as const), lot }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('acknowledge' as const), lot, who: small }) },
);

/** What happens, in order. It begins with a lot, so that there is something to happen to. */
export const acts: fc.Arbitrary<RandomAct[]> = fc
  .array(anAct, { minLength: 1, maxLength: 40 })
  .map((drawn) => [{ act: 'list', who: 0 }, ...drawn]);

const oneOf = <T>(items: readonly T[], index: number): T => items[index % items.length]!;

/** Plays everything to the end; what the rules refuse leaves no record. */
export async function playOut(house: AuctionHouse, drawn: readonly RandomAct[]): Promise<void> {
  const lots: Submission<ListCommand>[] = [];
  for (const act of drawn) {
    if (act.act !== 'list') {
      await playOn(house, oneOf(lots, act.lot), act);
      continue;
    }
    const listed = await listing({ who: oneOf(SELLERS, act.who), terms: { title: `Lot ${lots.length}` } });
    lots.push(listed);
    await house.submit(...listed);
  }
}

async function playOn(
  house: AuctionHouse,
  on: Submission<ListCommand>,
  act: Exclude<RandomAct, { act: 'list' }>,
): Promise<void> {
  const lot = lotOf(on);
  if (act.act === 'bid') {
    const when = act.late ? { at: CLOSES_AT - 1, receivedAt: CLOSES_AT + 50 } : {};
    await house.submit(...(await bid(on, { who: oneOf(BIDDERS, act.who), amount: act.amount, ...when })));
  }
  if (act.act === 'close') await house.close(lot, await closingAt(CLOSES_AT + 3_001));
  if (act.act === 'acknowledge') await house.acknowledge(oneOf(EVERYBODY, act.who), lot);
  if (act.act === 'disclose' && house.lots.get(lot)?.status === 'sold')
    await house.recordDisclosure(lot, { seller: 'for the seller', winner: 'for the winner' });
}
