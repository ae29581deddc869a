import { describe, expect, it } from 'vitest';
import { Commitments } from '../../../client/bots/commitments.ts';
import type { Answered, Decision } from '../../../client/bots/decision.ts';
import { recover } from '../../../client/bots/recover.ts';
import type { KeptReceipt } from '../../../client/proof/proof-store.ts';
import { EMPTY_MODEL, type LotModel, type Model } from '../../../client/store/model.ts';
import { digestOfTerms } from '../../../shared/crypto/digest.ts';
import type { Amount, CommandId, CompactJws, HouseId, Instant, Position } from '../../../shared/wire/vocabulary.ts';
import { catalogueLot, lotId, T0, termsOf, uuid } from '../lots.ts';
import { TOY_HOUSE } from './toy-house.ts';

const id = (n: number) => uuid(500 + n) as CommandId;

function modelWith(changes: Partial<LotModel>): Model {
  return {
    ...EMPTY_MODEL,
    lots: new Map([[lotId(1), { ...catalogueLot(1), mine: false, ownBids: [], history: [], ...changes }]]),
  };
}
const heard = (amount: number, position?: number): Partial<LotModel> => ({
  leading: { amount: amount as Amount, ...(position === undefined ? {} : { position: position as Position }) },
});

describe('commitments', () => {
  it.each<[string, Answered['outcome'] | undefined, Partial<LotModel> | undefined, number]>([
    ['on its way', undefined, {}, 500],
    ['recorded', 'accepted', {}, 500],
    ['lost on the way', 'unknown', {}, 500],
    ['refused, which may have come after it was recorded', 'refused', {}, 500],
    ['rejected', 'rejected', {}, 0],
    ['never sent', 'not-sent', {}, 0],
    ['outbid', 'accepted', heard(501), 0],
    ['met by the same amount, which may be later', 'accepted', heard(500, 11), 500],
    ['higher than anybody has heard', 'accepted', heard(499), 500],
    ['on a lot that nobody knows', 'accepted', undefined, 500],
    ['won', 'accepted', { status: 'sold', hammerPrice: 500 as Amount, ...heard(500, 10) }, 500],
    ['lost to the same amount', 'accepted', { status: 'sold', hammerPrice: 500 as Amount, ...heard(500, 11) }, 0],
    ['won for all that is known', 'accepted', { status: 'sold', hammerPrice: 500 as Amount, ...heard(500) }, 500],
    ['lost', 'accepted', { status: 'sold', hammerPrice: 900 as Amount, ...heard(900) }, 0],
    ['of unknown end, and lost', 'unknown', { status: 'sold', hammerPrice: 900 as Amount }, 0],
    ['of unknown end, and not recorded', 'unknown', { status: 'sold', hammerPrice: 400 as Amount }, 0],
    ['of unknown end, and likely won', 'unknown', { status: 'sold', hammerPrice: 500 as Amount }, 500],
    ['of unknown end on a lot without bids', 'unknown', { status: 'unsold' }, 0],
  ])('a bid that is %s', (_what, outcome, lot, bound) => {
    const commitments = new Commitments();
    commitments.reserve({ id: id(1), lot: lotId(1), amount: 500 as Amount });
    if (outcome !== undefined) {
      commitments.settle({ id: id(1), outcome, ...(outcome === 'accepted' ? { position: 10 } : {}) });
    }
    expect(commitments.total(lot === undefined ? EMPTY_MODEL : modelWith(lot))).toBe(bound);
  });

  it('count the best bid of each lot', () => {
    const commitments = new Commitments();
    const bids = [
      [1, 500],
      [1, 700],
      [2, 90],
    ] as const;
    for (const [n, [lot, amount]] of bids.entries()) {
      commitments.reserve({ id: id(n), lot: lotId(lot), amount: amount as Amount });
    }
    expect(commitments.total(EMPTY_MODEL)).toBe(790);
    expect(commitments.total(EMPTY_MODEL, lotId(1))).toBe(90);
  });
});

const when = { v: 1, at: T0, epoch: 1 } as const;
const bidding = (n: number, house = TOY_HOUSE, at = T0): Decision => ({
  ...{ ...when, at, type: 'bidding', event: 'tick', house, id: id(n), lot: lotId(n), amount: 100 as Amount },
});
const answered = (n: number, outcome: Answered['outcome'], position?: number): Decision => ({
  ...{ ...when, type: 'answered', id: id(n), outcome },
  ...(position === undefined ? {} : { position }),
});

/** Of the form alone: whoever kept it had verified it. */
function receipt(n: number, position: number, house = TOY_HOUSE): KeptReceipt {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    v: 1,
    aud: house,
    id: id(n),
    type: 'bid',
    lot: lotId(n),
    terms: digestOfTerms(termsOf(n)),
    amount: 100,
  };
  const head = { alg: 'ES256', typ: 'command+jwt', kid: 'A'.repeat(43) };
  const statement = `${part(head)}.${part(claims)}.${'A'.repeat(86)}` as CompactJws;
  return { statement, position: position as Position } as KeptReceipt;
}

describe('a bot that begins again', () => {
  const now = { at: (T0 + 5_000) as Instant, simulated: true, epoch: 1 };
  const other = uuid(77) as HouseId;
  const at = { house: TOY_HOUSE, now, isPaper: false };

  it('knows what it is bound to, and asks about what has no answer', () => {
    const kept = [
      bidding(1),
      bidding(2),
      answered(1, 'accepted', 8),
      bidding(3),
      answered(3, 'unknown'),
      bidding(4),
      answered(4, 'rejected'),
    ];
    const { commitments, unanswered, agesMs } = recover(kept, [], at);
    expect(commitments.total(EMPTY_MODEL)).toBe(300);
    expect([...unanswered.keys()]).toEqual([id(2), id(3)]);
    expect(agesMs).toEqual([5_000, 5_000, 5_000, 5_000]);
  });

  it('takes a receipt for the answer, and for bids by hand', () => {
    const { commitments, unanswered, ownBids } = recover(
      [bidding(1)],
      [receipt(1, 8), receipt(2, 9), receipt(3, 10, other)],
      at,
    );
    expect([...unanswered.keys()]).toEqual([]);
    expect(commitments.recordedOn(lotId(1))).toEqual([{ position: 8, amount: 100 }]);
    expect([...ownBids.keys()]).toEqual([lotId(1), lotId(2)]);
    expect(commitments.total(EMPTY_MODEL)).toBe(100);
  });

  it('leaves another house out, and what never left on paper', () => {
    expect(recover([bidding(1, other)], [], at).commitments.total(EMPTY_MODEL)).toBe(0);
    const paper = recover([bidding(1)], [], { ...at, isPaper: true });
    expect([paper.commitments.total(EMPTY_MODEL), paper.unanswered.size]).toEqual([0, 0]);
  });

  it('takes time that somebody set for no time at all', () => {
    const set = { ...now, at: (T0 + 900_000) as Instant, epoch: 2 };
    expect(recover([bidding(1)], [], { ...at, now: set }).agesMs).toEqual([0]);
    expect(recover([bidding(1)], [], { ...at, now: { ...now, at: (T0 - 5) as Instant } }).agesMs).toEqual([0]);
  });
});
