/** Who has still to hear in private: the few lots that the book knows are those that a look through all lots finds. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pendingNotices } from '../../../dms/auction/queries.ts';
import { MemoryJournal } from '../../../dms/journal/memory-journal.ts';
import { HOUSE, openHouse } from '../house-fixture.ts';
import { acts, EVERYBODY, playOut } from '../snapshot/random-house.ts';

it('knows of every notice that is not acknowledged, and of no other', async () => {
  let found = 0;
  await fc.assert(
    fc.asyncProperty(acts, async (drawn) => {
      const { house } = await openHouse(new MemoryJournal(HOUSE));
      await playOut(house, drawn);
      for (const subject of EVERYBODY) {
        const all = pendingNotices(house.lots.values(), subject);
        found += all.length;
        expect(pendingNotices(house.notices.lotsOf(subject), subject)).toEqual(all);
        expect([...house.notices.lotsOf(subject)]).toHaveLength(all.length);
      }
    }),
    { numRuns: 200 },
  );
  expect(found).toBeGreaterThan(0);
});
