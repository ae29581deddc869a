/** A house with more lots than one answer holds: who comes knows all of them, and what happens meanwhile. */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RecordMaker } from '../../bench/journal/record-maker.ts';
import { appendAll } from '../../bench/recovery/fill-journal.ts';
import { SqliteJournal } from '../../dms/journal/sqlite-journal.ts';
import { MAX_CATALOGUE_LOTS } from '../../shared/wire/limits.ts';
import { HouseId } from '../../shared/wire/vocabulary.ts';
import { RunningHouse } from '../support/running-house.ts';
import { until } from '../support/until.ts';

/** Two full pages and a bit. */
const LOTS = 2 * MAX_CATALOGUE_LOTS + 5;
const HOUR_MS = 3_600_000;

let house: RunningHouse;
beforeAll(async () => {
  house = await RunningHouse.start({ withoutDms: true });
  mkdirSync(join(house.home, 'dms'), { mode: 0o700 });
  const journal = new SqliteJournal({ file: house.journalFile, newHouse: HouseId.parse(randomUUID()) });
  await journal.open();
  const maker = await RecordMaker.load({ from: house.now() - HOUR_MS, openMs: 2 * HOUR_MS });
  const lots = Array.from({ length: LOTS }, () => [...maker.bidsOnALot(0)]);
  await appendAll(journal, lots.flat());
  await journal.close();
  await house.startDms();
}, 60_000);
afterAll(() => house.close());

it('tells everybody of all lots, page after page', { timeout: 60_000 }, async () => {
  const early = await house.enrolled('early');
  expect(early.model.lots.size).toBe(LOTS);
  const answer = await early.list(house.terms({ title: 'The last one' }));
  expect(answer).toMatchObject({ outcome: 'accepted', number: LOTS + 1 });
  const late = await house.enrolled('late');
  expect(late.model.lots.size).toBe(LOTS + 1);
  expect([...late.model.lots.values()].map(({ number }) => number)).toEqual(
    Array.from({ length: LOTS + 1 }, (_, index) => index + 1),
  );
  expect((await early.allItems()).lots).toHaveLength(LOTS + 1);
  expect((await early.myItems()).lots.map(({ number }) => number)).toEqual([LOTS + 1]);
  expect((await late.myItems()).lots).toEqual([]);
  await until('the announcement', () => early.model.lots.size === LOTS + 1);
});
