import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadStore, STORE_FILE } from '../../../trusted-service/store/store.ts';
import { testFolder } from '../test-folder.ts';

const at = testFolder();

it('a probe reaches the disk, and leaves every number as it was', () => {
  const folder = at('');
  const store = loadStore(folder);
  const written = () => statSync(join(folder, `${STORE_FILE}-wal`)).size;
  const before = { epoch: store.numbers.beginEpoch(0), size: written() };
  store.numbers.probe();
  expect(written()).toBeGreaterThan(before.size);
  expect(store.numbers.beginEpoch(0)).toBe(before.epoch + 1);
  store.close();
});

it('the time that was reached is kept', () => {
  const folder = at('');
  const store = loadStore(folder);
  expect(store.numbers.timeReached()).toBe(0);
  store.numbers.reachTime(1_900_000_000_000);
  store.close();
  const again = loadStore(folder);
  expect(again.numbers.timeReached()).toBe(1_900_000_000_000);
  again.close();
});
