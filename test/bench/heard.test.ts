/** What was heard when: before it was asked for, and after. */
import { describe, expect, it } from 'vitest';
import { Heard } from '../../bench/commands/heard.ts';

describe('what is heard', () => {
  it('is known with its moment, whenever it is asked for', async () => {
    const heard = new Heard();
    const before = performance.now();
    const later = heard.when(2);
    heard.note([{ position: 1 }, { position: 2 }]);
    const moments = [await heard.when(1), await later, await heard.when(2)];
    expect(new Set(moments).size).toBe(1);
    expect(moments[0]).toBeGreaterThanOrEqual(before);
  });

  it('is the last time, for what is heard twice, and forgotten when it is cleared', async () => {
    const heard = new Heard();
    heard.note([{ position: 1 }]);
    heard.clear();
    const again = heard.when(1);
    heard.note([{ position: 1 }]);
    expect(await again).toBe(await heard.when(1));
  });
});
