import { describe, expect, it } from 'vitest';
import { Bell, follow } from '../../../dms/journal/follow.ts';
import type { Recorded } from '../../../dms/journal/journal.ts';
import { MemoryJournal } from '../../../dms/journal/memory-journal.ts';
import { START, someEntry, someHouse, someLot } from './sample-entries.ts';

describe('following a journal', () => {
  it('finds what was appended although nobody rings', async () => {
    const journal = new MemoryJournal(someHouse());
    await journal.open();
    const stop = new AbortController();
    const found: Recorded[] = [];
    const on = async (records: Recorded[]) => {
      found.push(...records);
      if (found.length === 2) stop.abort();
    };
    const following = follow(journal, new Bell(), START, on, stop.signal);
    await journal.append([someEntry(someLot(), 0)]);
    await journal.append([someEntry(someLot(), 0)]);
    await following;
    expect(found.map(({ position }) => position)).toEqual([1, 2]);
  });
});
