import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadHistory, saveHistory } from '../../../client/identity/history-file.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'gavel-history-'));
});
afterEach(() => rm(home, { recursive: true }));

describe('the history of the prompt', () => {
  it('comes back as it was kept, for the owner alone', async () => {
    expect(await loadHistory(home)).toEqual([]);
    await saveHistory(home, ['/allitems', '/list "Öl, 1920" 5 +10m']);
    expect(await loadHistory(home)).toEqual(['/allitems', '/list "Öl, 1920" 5 +10m']);
    expect((await stat(join(home, 'history'))).mode & 0o777).toBe(0o600);
  });

  it.each([
    '/bid 7 130.00',
    '  /BID 7 130.00',
    '/bid',
    '/bdi 7 130.00',
    'bid 7 130.00',
    '/list Atlas 40 +1h --repeat 0b5e',
  ])('never has %j', async (line) => {
    await saveHistory(home, ['/lot 7', line]);
    expect(await loadHistory(home)).toEqual(['/lot 7']);
    expect(await readFile(join(home, 'history'), 'utf8')).toBe('/lot 7\n');
  });

  it('keeps the newest two hundred', async () => {
    await saveHistory(
      home,
      Array.from({ length: 300 }, (_, index) => `/lot ${index}`),
    );
    const lines = await loadHistory(home);
    expect([lines.length, lines.at(0), lines.at(-1)]).toEqual([200, '/lot 100', '/lot 299']);
  });

  it('is not read where others could', async () => {
    await saveHistory(home, ['/lot 7']);
    await chmod(join(home, 'history'), 0o644);
    await expect(loadHistory(home)).rejects.toMatchObject({ code: 'home-too-open' });
  });
});
