import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { loadStore } from '../../../trusted-service/store/store.ts';
import { SerialBlocks } from '../../../trusted-service/timestamp-authority/serial-blocks.ts';

const folder = mkdtempSync(join(tmpdir(), 'gavel-serials-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('serials', () => {
  it('grow without a gap in one run, and never repeat across runs that ended at any point', () => {
    let highest = 0;
    const run = fc.array(fc.integer({ min: 1, max: 65_536 }), { maxLength: 6 });
    fc.assert(
      fc.property(run, (counts) => {
        const store = loadStore(folder);
        const serials = new SerialBlocks(store.numbers);
        let expected: number | undefined;
        for (const count of counts) {
          const first = serials.take(count);
          expect(first).toBeGreaterThan(highest);
          if (expected !== undefined) expect(first).toBe(expected);
          expected = first + count;
          highest = expected - 1;
        }
        store.close();
      }),
      { numRuns: 20 },
    );
  });

  it('cost one write for thousands of them', () => {
    let writes = 0;
    const numbers = { reserveSerials: (count: number) => writes++ * count + 1 };
    const serials = new SerialBlocks(numbers as never);
    for (let turn = 0; turn < 60_000; turn++) serials.take(1);
    expect(writes).toBe(1);
  });
});
