import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_WATCHED, WatchList } from '../../../client/identity/watch-list.ts';
import { lotId } from '../lots.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gavel-watch-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('a watch list', () => {
  it('is empty at first, and then what was kept, in its order', async () => {
    expect(await new WatchList(directory).load()).toEqual(new Set());
    await new WatchList(directory).keep(new Set([lotId(2), lotId(1)]));
    expect([...(await new WatchList(directory).load())]).toEqual([lotId(2), lotId(1)]);
    expect((await stat(join(directory, 'watched.json'))).mode & 0o777).toBe(0o600);
  });

  it('forgets the longest watched when it is full', async () => {
    const lots = Array.from({ length: MAX_WATCHED + 1 }, (_, n) => lotId(n));
    const kept = await new WatchList(directory).keep(new Set(lots));
    expect(kept.size).toBe(MAX_WATCHED);
    expect(kept.has(lotId(0))).toBe(false);
  });

  it.each([
    ['{"v":1,"lots":["7"]}', 0o600, 'home-unreadable'],
    ['{', 0o600, 'home-unreadable'],
    ['{"v":1,"lots":[]}', 0o644, 'home-too-open'],
  ])('%s with rights %o is %s', async (text, mode, code) => {
    const path = join(directory, 'watched.json');
    await writeFile(path, text);
    await chmod(path, mode);
    await expect(new WatchList(directory).load()).rejects.toMatchObject({ code });
  });
});
