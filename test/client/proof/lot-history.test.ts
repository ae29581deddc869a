import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LotHistories } from '../../../client/proof/lot-history.ts';
import { EMPTY_MODEL, type LotModel } from '../../../client/store/model.ts';
import { update } from '../../../client/store/update.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import type { LogEntry } from '../../../shared/wire/log.ts';
import type { LotId, Position } from '../../../shared/wire/vocabulary.ts';
import { SigningHouse, type Step, termsAt } from '../../support/signing-house.ts';
import { bid, catalogueLot } from '../lots.ts';

const bidOn = (lot: string, n: number): Step => ({
  kind: 'bid',
  lot,
  at: 100 * n,
  serial: 10 + n,
  amount: 100 + 10 * n,
  closesAt: 60_000,
});
/** Lot 2 is listed at position 3, and bid on at 4, 6, 7. The bid at 5 only names it, as its pseudonym. */
const stepsOf = (lamp: string): readonly Step[] => [
  { kind: 'listed', lot: 'desk', at: 0, serial: 1, terms: termsAt() },
  bidOn('desk', 1),
  { kind: 'listed', lot: 'lamp', at: 150, serial: 5, terms: termsAt() },
  bidOn('lamp', 2),
  { ...bidOn('desk', 3), raw: (text) => text.replace(/"pseudonym":"[^"]+"/, `"pseudonym":"${lamp}"`) },
  bidOn('lamp', 4),
  bidOn('lamp', 5),
];

let house: SigningHouse;
/** What the log answers with, one after the other; and from where it was asked. */
let shown: number;
let refusal: ProtocolError | undefined;
let asked: number[];
let histories: LotHistories;
beforeAll(async () => {
  house = await SigningHouse.create();
  await house.record(stepsOf(house.lot('lamp')));
});
beforeEach(() => {
  [shown, refusal, asked] = [house.entries.length, undefined, []];
  histories = new LotHistories({
    entries: async (from): Promise<readonly LogEntry[]> => {
      asked.push(from);
      if (refusal !== undefined) throw refusal;
      // Two records on a page.
      return house.entries.slice(from - 1, Math.min(from + 1, shown));
    },
  });
});

/** As the catalogue has it; `bids` were announced. */
function lamp(bids: number, listedPosition: number | undefined = 3): LotModel {
  const lot = house.lot('lamp') as LotId;
  const at = listedPosition === undefined ? {} : { listedPosition: listedPosition as Position };
  const model = update(EMPTY_MODEL, { type: 'catalogue', lots: [catalogueLot(2, { lot, bids, ...at })] });
  return model.lots.get(lot)!;
}
const heard = (position: number, amount: number) =>
  ({ ...bid(position, 2, amount), lot: house.lot('lamp') as LotId }) as const;
const amounts = async (lot: LotModel) => {
  const { bids, isWhole } = await histories.of(lot);
  return [bids.map(({ position, amount }) => [position, amount]), isWhole];
};

describe("a lot's history", () => {
  it('is read from its listing on, as far as there are bids', async () => {
    expect(await amounts(lamp(3))).toEqual([
      [
        [4, 120],
        [6, 140],
        [7, 150],
      ],
      true,
    ]);
    expect(asked).toEqual([3, 5, 7]);
  });

  it('is read on from where it was left', async () => {
    shown = 5;
    expect(await amounts(lamp(1))).toEqual([[[4, 120]], true]);
    shown = 7;
    asked = [];
    expect((await amounts(lamp(3)))[1]).toBe(true);
    expect(asked[0]).toBeGreaterThan(4);
  });

  it('asks nothing for a lot without a bid', async () => {
    expect(await amounts(lamp(0))).toEqual([[], true]);
    expect(asked).toEqual([]);
  });

  it('has what was heard where the log stops, each bid once', async () => {
    shown = 4;
    for (const [position, amount] of [
      [4, 120],
      [7, 150],
    ] as const)
      histories.hear(heard(position, amount));
    expect(await amounts(lamp(3))).toEqual([
      [
        [4, 120],
        [7, 150],
      ],
      false,
    ]);
  });

  it.each(['dms-unreachable', 'too-many-requests'] as const)('has what was heard while the log is %s', async (code) => {
    refusal = new ProtocolError(code);
    histories.hear(heard(7, 150));
    expect(await amounts(lamp(3))).toEqual([[[7, 150]], false]);
  });

  it('has what was heard of a lot whose place nobody told', async () => {
    histories.hear(heard(7, 150));
    const { listedPosition: _untold, ...lot } = lamp(1);
    expect(await amounts(lot)).toEqual([[[7, 150]], true]);
    expect(asked).toEqual([]);
  });

  it('is none of a house that can not be trusted, or publishes what is no record', async () => {
    refusal = new ProtocolError('peer-untrusted');
    await expect(histories.of(lamp(3))).rejects.toMatchObject({ code: 'peer-untrusted' });
    const broken = new LotHistories({
      entries: async () => [{ record: `{"lot":"${house.lot('lamp')}"}`, commitment: '' as never }],
    });
    await expect(broken.of(lamp(3))).rejects.toMatchObject({ code: 'record-damaged' });
  });

  it('remembers the newest bids of a lot, and no more', async () => {
    refusal = new ProtocolError('dms-unreachable');
    for (let position = 10; position < 310; position++) histories.hear(heard(position, position));
    const { bids } = await histories.of(lamp(300));
    expect(bids).toHaveLength(256);
    expect(bids.at(-1)?.position).toBe(309);
  });
});
