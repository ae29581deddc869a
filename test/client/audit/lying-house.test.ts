/** A house that lies and signs every lie properly: each is named, with the record in which it is told. */
import { beforeAll, describe, expect, it } from 'vitest';
import { auditJournal } from '../../../client/audit/audit-journal.ts';
import { AUDIT_RULES, type AuditRule } from '../../../client/audit/finding.ts';
import { digestOfText } from '../../../shared/crypto/digest.ts';
import { LOG_TIME } from '../../support/signed-log.ts';
import { SigningHouse, type Step, termsAt } from '../../support/signing-house.ts';
import type { Issued } from '../../support/test-authority.ts';

const soft = { window: 10_000, by: 20_000, until: 120_000 };
/** Three lots as an honest house records them: soft closing and a tie, a sealed round, and nobody. Positions in front. */
const HONEST: readonly Step[] = [
  /* 1 */ { kind: 'listed', lot: 'soft', at: 0, serial: 1, terms: termsAt({ extension: soft }) },
  /* 2 */ { kind: 'listed', lot: 'sealed', at: 0, serial: 2, terms: termsAt({ closesAt: 80_000 }) },
  /* 3 */ { kind: 'listed', lot: 'nobody', at: 0, serial: 3, terms: termsAt() },
  /* 4 */ { kind: 'bid', lot: 'soft', at: 1_000, serial: 10, amount: 100, closesAt: 60_000 },
  /* 5 */ { kind: 'bid', lot: 'soft', at: 2_000, serial: 12, amount: 120, closesAt: 60_000 },
  /* 6 */ { kind: 'bid', lot: 'soft', at: 2_000, serial: 11, amount: 120, closesAt: 60_000 },
  /* 7 */ { kind: 'bid', lot: 'sealed', at: 3_000, serial: 13, amount: 150, closesAt: 80_000 },
  /* 8 */ { kind: 'bid', lot: 'soft', at: 55_000, serial: 14, amount: 130, closesAt: 75_000 },
  /* 9 */ { kind: 'closed', lot: 'nobody', at: 63_000, serial: 15, outcome: 'unsold' },
  /* 10 */ { kind: 'acknowledged', lot: 'nobody', role: 'seller' },
  /* 11 */ { kind: 'closed', lot: 'soft', at: 78_000, serial: 16, outcome: 'sold', hammerPrice: 130, winner: 8 },
  /* 12 */ { kind: 'bid', lot: 'sealed', at: 79_000, serial: 17, amount: 300, closesAt: 80_000, withheld: true },
  /* 13 */ { kind: 'bid', lot: 'sealed', at: 79_500, serial: 18, amount: 250, closesAt: 80_000, withheld: true },
  /* 14 */ { kind: 'disclosed', lot: 'soft' },
  /* 15 */ { kind: 'acknowledged', lot: 'soft', role: 'winner' },
  /* 16 */ { kind: 'closed', lot: 'sealed', at: 83_000, serial: 19, outcome: 'sold', hammerPrice: 300, winner: 12 },
];

let keys: SigningHouse;
let expired: Issued;
let stranger: Issued;
beforeAll(async () => {
  keys = await SigningHouse.create();
  expired = await keys.log.authority.issue('timestamp-signer', { notAfter: LOG_TIME + 1_000 });
  stranger = await (await SigningHouse.create()).log.authority.issue('timestamp-signer');
});

/** The honest steps with one changed, or others put in. */
type Change = (steps: readonly Step[]) => readonly Step[];
const changed =
  (position: number, changes: Partial<Step>): Change =>
  (steps) =>
    steps.with(position - 1, { ...steps[position - 1]!, ...changes });
const without =
  (position: number): Change =>
  (steps) =>
    steps.toSpliced(position - 1, 1);
const inserted =
  (position: number, step: Step): Change =>
  (steps) =>
    steps.toSpliced(position - 1, 0, step);
const late: Step = { kind: 'bid', lot: 'nobody', at: 59_000, serial: 30, amount: 500, closesAt: 60_000 };
const tie: Step = { kind: 'bid', lot: 'sealed', at: 4_000, serial: 30, amount: 150, closesAt: 80_000 };

const LIES: readonly (readonly [AuditRule, number, string, () => Change])[] = [
  ['lot-listed-twice', 3, 'a lot is listed a second time', () => changed(3, { lot: 'soft' })],
  ['closing-not-in-future', 3, 'it closes when it is listed', () => changed(3, { terms: termsAt({ closesAt: 0 }) })],
  ['closing-too-far', 3, 'it closes in two years', () => changed(3, { terms: termsAt({ closesAt: 64e9 }) })],
  [
    'closing-too-far',
    3,
    'it can be extended for years',
    () => changed(3, { terms: termsAt({ extension: { ...soft, until: 64e9 } }) }),
  ],
  [
    'extension-before-closing',
    3,
    'its extension is over before',
    () => changed(3, { terms: termsAt({ extension: { ...soft, until: 59_999 } }) }),
  ],
  ['lot-not-found', 3, 'a bid stands before its lot', () => (steps) => [steps[0]!, steps[1]!, late, ...steps.slice(2)]],
  ['lot-closed', 10, 'a bid stands behind the closing', () => inserted(10, late)],
  ['lot-closed', 12, 'a lot is closed again', () => (steps) => steps.toSpliced(11, 0, steps[10]!)],
  ['statement-twice', 8, 'a bid is recorded twice', () => inserted(8, { ...HONEST[7]!, sameStatement: 5 })],
  ['pseudonym-twice', 8, 'two bids have one pseudonym', () => changed(8, { samePseudonym: 5 })],
  ['timestamp-before-listing', 4, 'a bid is older than its lot', () => changed(4, { at: -1 })],
  [
    'timestamp-before-listing',
    4,
    'a bid of the same moment has a smaller serial',
    () => changed(4, { at: 0, serial: 0 }),
  ],
  [
    'timestamp-after-closing',
    8,
    'a bid was stamped at the closing',
    () => changed(8, { at: 60_000, closesAt: 80_000 }),
  ],
  ['timestamp-after-closing', 9, 'a bid was stamped after the closing', () => inserted(9, { ...late, at: 60_500 })],
  ['bid-below-starting-price', 4, 'a bid is too small', () => changed(4, { amount: 99 })],
  ['bid-below-increment', 5, 'a bid is too small a step', () => changed(5, { amount: 109 })],
  ['tie-lost', 8, 'a tie goes to the later one', () => inserted(8, tie)],
  ['tie-lost', 6, 'a tie of one moment goes to the greater serial', () => changed(6, { serial: 13 })],
  ['closing-miscomputed', 8, 'a bid in the window moves nothing', () => changed(8, { closesAt: 60_000 })],
  ['closing-miscomputed', 8, 'a bid in the window moves too much', () => changed(8, { closesAt: 75_001 })],
  [
    'closing-miscomputed',
    8,
    'a bid at the beginning of the window moves nothing',
    () => changed(8, { at: 50_000, closesAt: 60_000 }),
  ],
  ['closing-miscomputed', 5, 'a bid before the window moves something', () => changed(5, { closesAt: 60_001 })],
  ['withheld-too-early', 7, 'a bid is kept back long before the closing', () => changed(7, { withheld: true })],
  ['closed-too-early', 11, 'a lot is closed at its first closing', () => changed(11, { at: 63_000 })],
  ['closed-too-early', 16, 'a lot is closed in its sealed round', () => changed(16, { at: 82_999 })],
  ['outcome-wrong', 11, 'a lot with bids is unsold', () => changed(11, { outcome: 'unsold' })],
  ['outcome-wrong', 9, 'a lot without one is sold', () => changed(9, { outcome: 'sold', hammerPrice: 100 })],
  ['price-wrong', 11, 'the closing has another price', () => changed(11, { hammerPrice: 120 })],
  ['price-wrong', 9, 'an unsold lot has a price', () => changed(9, { hammerPrice: 120 })],
  ['winner-wrong', 11, 'somebody else wins', () => changed(11, { winner: 6 })],
  [
    'winner-wrong',
    10,
    'the later of two equal bids wins',
    () => (steps) => steps.toSpliced(7, 1).with(9, { ...steps[10]!, at: 78_000, hammerPrice: 120, winner: 5 }),
  ],
  ['price-wrong', 16, 'a withheld bid does not count', () => changed(16, { hammerPrice: 150, winner: 7 })],
  ['not-sold', 10, 'an unsold lot is disclosed', () => changed(10, { kind: 'disclosed' })],
  ['not-sold', 10, 'the winner of an unsold lot has got something', () => changed(10, { role: 'winner' })],
  ['not-sold', 14, 'it is acknowledged before it is disclosed', () => without(14)],
  ['done-twice', 15, 'it is disclosed twice', () => (steps) => steps.toSpliced(14, 0, steps[13]!)],
  ['done-twice', 16, 'it is acknowledged twice', () => (steps) => steps.toSpliced(15, 0, steps[14]!)],
  ['clock-mixed', 8, 'a bid is of another clock', () => changed(8, { stamp: { clock: 'simulated' } })],
  ['clock-mixed', 11, 'a closing is of another clock', () => changed(11, { stamp: { clock: 'simulated' } })],
  ['timestamp-invalid', 5, 'the stamp is by somebody else', () => changed(5, { signer: stranger })],
  ['timestamp-invalid', 5, 'the stamp is by a token signer', () => changed(5, { signer: keys.witness })],
  ['timestamp-invalid', 5, 'the signer was not certified any more', () => changed(5, { signer: expired })],
  ['timestamp-invalid', 5, 'the stamp is of another authority', () => changed(5, { stamp: { iss: 'sha256:other' } })],
  ['timestamp-invalid', 5, 'the stamp is of another statement', () => changed(5, { stampOf: digestOfText('another') })],
  [
    'timestamp-invalid',
    11,
    'the closing’s stamp is of another nonce',
    () => changed(11, { stampOf: digestOfText('another') }),
  ],
  ['record-malformed', 5, 'a record has a blank', () => changed(5, { raw: (text) => text.replace('{', '{ ') })],
  [
    'record-malformed',
    5,
    'a record has one more member',
    () => changed(5, { raw: (text) => text.replace('{', '{"a":1,') }),
  ],
  [
    'record-malformed',
    5,
    'a record is of another kind',
    () => changed(5, { raw: (text) => text.replace('"bid"', '"gift"') }),
  ],
];

async function audited(change: Change, copied: Parameters<SigningHouse['copy']>[0] = {}) {
  const house = await (await keys.anew()).record(change(HONEST));
  const signers = [keys.chainOf(expired), ...(await house.copy()).head.signers, keys.chainOf(stranger)];
  return auditJournal(await house.copy({ ...copied, head: { signers } }), keys.root);
}

describe('a house that signs everything it records', () => {
  it('holds, if it is honest', async () => {
    const { finding, lots } = await audited((steps) => steps);
    expect(finding).toBeUndefined();
    expect(lots.map(({ closed, bids }) => [closed?.outcome, closed?.hammerPrice, bids])).toEqual([
      ['sold', 130, 4],
      ['sold', 300, 3],
      ['unsold', undefined, 0],
    ]);
  });

  it.each(LIES)('is found out: %s in record %i, where %s', async (rule, position, _what, change) => {
    expect((await audited(change())).finding).toMatchObject({ rule, position });
  });

  it('is not accused where a bid was kept back that may have come so late', async () => {
    const change = changed(7, { at: 77_000, withheld: true });
    expect((await audited(change)).finding).toBeUndefined();
  });

  it('lets the winner be the earlier of two equal bids, whichever came first', async () => {
    const closing = { ...HONEST[10]!, at: 63_000, hammerPrice: 120, winner: 6 };
    // Up to that closing: what follows names its winner by a position.
    const change: Change = (steps) => [...steps.slice(0, 7), closing];
    expect((await audited(change)).finding).toBeUndefined();
  });

  it('has no rule that is not broken here or by a changed copy', () => {
    const elsewhere: readonly AuditRule[] = [
      ...(['checkpoint-invalid', 'cosignature-invalid', 'witness-disagrees', 'root-differs'] as const),
      ...(['record-changed', 'record-missing', 'record-beyond', 'record-hidden'] as const),
      ...(['statement-invalid', 'receipt-invalid', 'receipt-denied', 'opening-invalid'] as const),
    ];
    const here = new Set(LIES.map(([rule]) => rule));
    expect(
      Object.keys(AUDIT_RULES)
        .filter((rule) => !here.has(rule as AuditRule))
        .toSorted(),
    ).toEqual(elsewhere.toSorted());
  });
});
