import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../client/line/fact.ts';
import { lotFact } from '../../../client/line/facts-of.ts';
import { createPlainFace, sentenceOf } from '../../../client/line/plain-face.ts';
import { EMPTY_MODEL } from '../../../client/store/model.ts';
import { update } from '../../../client/store/update.ts';
import type { Amount } from '../../../shared/wire/vocabulary.ts';
import { at, catalogueLot, lotId, T0, uuid } from '../lots.ts';

const about = { lot: lotId(7), number: 7, title: 'Oak desk', currency: 'EUR' };
const model = update(EMPTY_MODEL, {
  type: 'catalogue',
  lots: [catalogueLot(1), catalogueLot(2, { bids: 2, leadingAmount: 12_500 as Amount, status: 'sold' })],
});
const lots = [...model.lots.values()].map(lotFact);

const oneLot: Fact = {
  type: 'snapshot',
  data: {
    of: 'lot',
    position: 9,
    lot: lots[1]!,
    watched: true,
    ownBids: [{ position: 4, amount: 12_000 }],
    history: [
      { position: 4, amount: 12_000, placedAt: T0, mine: true },
      { position: 5, amount: 12_500, placedAt: T0, mine: false },
    ],
    isWhole: false,
    counterparty: { role: 'winner', username: 'bob\u001b[2J', contact: 'x\ny', subject: 's' },
  },
};

describe('plain statements', () => {
  it.each<[Fact, string]>([
    [
      {
        type: 'bid',
        data: {
          ...about,
          position: 3,
          amount: 12_500,
          pseudonym: 'p',
          placedAt: T0,
          closesAt: T0,
          bids: 2,
          mine: false,
        },
      },
      'Somebody bid 125.00 EUR on #7 "Oak desk".',
    ],
    [
      { type: 'accepted', data: { ...about, command: 'bid', commandId: uuid(1), amount: 13_000, position: 4 } },
      'Accepted: you bid 130.00 EUR on #7 "Oak desk".',
    ],
    [{ type: 'closing', data: { ...about, closesAt: T0, leftMs: 600_000 } }, '#7 "Oak desk" closes in 10 min.'],
    [{ type: 'closing', data: { ...about, closesAt: T0, leftMs: 0 } }, '#7 "Oak desk" is closing.'],
    [
      {
        type: 'closed',
        data: { ...about, position: 5, outcome: 'sold', hammerPrice: 13_000, closedAt: T0, standing: 'lost' },
      },
      '#7 "Oak desk" was sold for 130.00 EUR. You did not win it.',
    ],
    [
      {
        type: 'disclosed',
        data: {
          ...about,
          role: 'winner',
          outcome: 'sold',
          hammerPrice: 13_000,
          counterparty: { role: 'seller', username: 'bob', contact: 'bob@example.org', subject: 's' },
        },
      },
      'You won #7 "Oak desk": it was sold for 130.00 EUR. The seller is bob. Contact: bob@example.org.',
    ],
    [
      { type: 'disclosed', data: { ...about, role: 'seller', outcome: 'unsold' } },
      'Your lot #7 "Oak desk" found no bidder.',
    ],
    [
      { type: 'link-down', data: { reason: 'dms-unreachable', advice: 'x', attempt: 2, nextTryInMs: 400 } },
      'Connection lost (dms-unreachable). Attempt 2 follows in 1 s.',
    ],
    [
      {
        type: 'link-down',
        data: { reason: 'token-expired', advice: 'x', attempt: 1, nextTryInMs: 0, renewing: true },
      },
      'Renewing the session (token-expired).',
    ],
    [
      { type: 'opened', data: { ...about, role: 'seller', command: 'bid', position: 4, amount: 13_000 } },
      'The winner signed the bid of 130.00 EUR on #7 "Oak desk": opened to you, verified as record 4, and kept.',
    ],
    [
      { type: 'opened', data: { ...about, role: 'winner', command: 'list', position: 2 } },
      'The seller signed the listing of #7 "Oak desk": opened to you, verified as record 2, and kept.',
    ],
    [
      {
        type: 'error',
        data: { code: 'outcome-unknown', advice: 'Repeat.', exitCode: 7, repeat: '/bid 7 130.00 --repeat x' },
      },
      'Error (outcome-unknown). Repeat. To repeat it: /bid 7 130.00 --repeat x',
    ],
    [
      {
        type: 'error',
        data: {
          code: 'confirmation-missing',
          advice: 'Say yes.',
          detail: 'Far more.',
          exitCode: 2,
          repeat: '/bid 7 900.00 --yes',
        },
      },
      'Error (confirmation-missing). Say yes. (Far more.) To send it: /bid 7 900.00 --yes',
    ],
    [{ type: 'snapshot', data: { of: 'mybids', position: 0, lots: [] } }, 'You have not bid on any lot.'],
    [
      {
        type: 'snapshot',
        data: { of: 'mybids', position: 0, lots: [{ ...lots[0]!, ownBids: [{ position: 2, amount: 9_000 }] }] },
      },
      'You bid 90.00 EUR on #1 "Lot 1", from 100.00 EUR, closes in 10 min.',
    ],
    [{ type: 'snapshot', data: { of: 'watch', position: 0, lots: [] } }, 'You watch no lot.'],
    [
      { type: 'snapshot', data: { of: 'watch', position: 0, lots, changed: { ...about, watched: true } } },
      'You watch #7 "Oak desk" from now on.',
    ],
    [
      { type: 'snapshot', data: { of: 'watch', position: 0, lots, changed: { ...about, watched: false } } },
      'You no longer watch #7 "Oak desk".',
    ],
    [
      { type: 'snapshot', data: { of: 'watch', position: 0, lots: [lots[0]!] } },
      'You watch 1 lot:\n  #1 "Lot 1", from 100.00 EUR, closes in 10 min.',
    ],
    [{ type: 'snapshot', data: { of: 'receipt', receipts: [] } }, 'No receipts.'],
    [{ type: 'snapshot', data: { of: 'caution', code: 'first-bid', lines: ['One.', 'Two.'] } }, 'One.\nTwo.'],
    [
      {
        type: 'snapshot',
        data: {
          of: 'verify',
          house: 'h',
          checkpoint: { size: 9, time: T0, root: 'r' },
          records: 8,
          lots: [
            { ...about, outcome: 'sold', hammerPrice: 13_000, bids: 2, closesAt: T0, closedAt: T0 },
            { ...about, number: 8, outcome: 'open', bids: 1, closesAt: T0 },
          ],
        },
      },
      'Verified: all 8 records hold. 1 more nobody may know yet. No witness has cosigned it.\n#7 "Oak desk": sold for 130.00 EUR, 2 bids. Holds.\n#8 "Oak desk": open, 1 bid. Holds.',
    ],
    [{ type: 'snapshot', data: { of: 'allitems', position: 0, lots: [] } }, 'No lots.'],
    [
      { type: 'snapshot', data: { of: 'allitems', position: 0, lots } },
      '2 lots:\n  #1 "Lot 1", from 100.00 EUR, closes in 10 min.\n  #2 "Lot 2", 125.00 EUR after 2 bids, sold.',
    ],
  ])('%#', (fact, statement) => {
    expect(sentenceOf(fact, T0)).toBe(statement);
  });

  it('of one lot say everything that is known of it, one thing on a line', () => {
    expect(sentenceOf(oneLot, T0)?.split('\n')).toEqual([
      '#2 "Lot 2", 125.00 EUR after 2 bids, sold.',
      expect.stringMatching(/^From 100\.00 EUR, in steps of 5\.00 EUR; closed .*\.$/),
      'You bid 120.00 EUR.',
      expect.stringMatching(/: you bid 120\.00 EUR \(position 4\)\.$/),
      expect.stringMatching(/: somebody bid 125\.00 EUR \(position 5\)\.$/),
      'Not every bid is known here at the moment.',
      'You watch it.',
      'The winner is bob [2J. Contact: x y.',
    ]);
  });

  it('say once that the clock was set, to whoever set it too', () => {
    const said: string[] = [];
    const face = createPlainFace({ write: (text: string) => said.push(text) }, () => ({ at: at(5), simulated: true }));
    const set = (epoch: number, answering = {}) =>
      face.tell({ type: 'clock', data: { ...answering, time: T0, byMs: 1, epoch } });
    set(2);
    set(2, { line: 1 });
    expect(said).toHaveLength(1);
    // An answer for which there was no event is said; so is that this machine slept, in the same epoch.
    set(3, { line: 2 });
    set(3);
    expect(said).toHaveLength(3);
  });

  it('come after the time of day, and say that a clock is simulated', () => {
    const said: string[] = [];
    let simulated = false;
    const face = createPlainFace({ write: (text: string) => said.push(text) }, () => ({ at: at(5), simulated }));
    face.tell({ type: 'bye', data: { reason: 'quit', exitCode: 0 } });
    simulated = true;
    face.tell({ type: 'bye', data: { reason: 'quit', exitCode: 0 } });
    expect(said).toEqual([
      expect.stringMatching(/^\d\d:\d\d:05 Goodbye\.\n$/),
      expect.stringMatching(/^\d\d:\d\d:05 SIM Goodbye\.\n$/),
    ]);
  });
});
