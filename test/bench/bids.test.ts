/** The records that the bench makes: a journal takes them, and a house that has them has open lots. */
import { describe, expect, it } from 'vitest';
import { Bids, LOTS } from '../../bench/journal/bids.ts';
import { RecordMaker } from '../../bench/journal/record-maker.ts';
import { AuctionHouse } from '../../dms/auction-house.ts';
import { MemoryJournal } from '../../dms/journal/memory-journal.ts';
import { someHouse } from '../dms/journal/sample-entries.ts';

async function houseWith(journal: MemoryJournal): Promise<AuctionHouse> {
  return AuctionHouse.open({ journal, newSalt: () => new Uint8Array(32), publish: () => {} });
}

describe('the records of the bench', () => {
  it('are bids on many open lots, taken in turns', async () => {
    const journal = new MemoryJournal(someHouse());
    const house = await houseWith(journal);
    const bids = await Bids.load();
    // Beyond the last bid on each: the next lots begin.
    for (const count of [LOTS, 21 * LOTS, 7]) {
      const outcomes = await journal.append(bids.take(count));
      expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
    }
    await house.refresh();
    const { lots } = house;
    expect(lots.size).toBe(2 * LOTS);
    expect([...lots.values()].every(({ status, closesAt }) => status === 'open' && closesAt > Date.now())).toBe(true);
    expect([...lots.values()].filter(({ told }) => told.bids === 20)).toHaveLength(LOTS);
  });

  it('are whole lives of lots, too', async () => {
    const journal = new MemoryJournal(someHouse());
    const house = await houseWith(journal);
    const outcomes = await journal.append([...(await RecordMaker.load()).lifeOfALot()]);
    expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
    await house.refresh();
    const [lot] = house.lots.values();
    expect(lot).toMatchObject({ status: 'sold', version: 25, leading: { amount: 11_900 } });
  });
});
