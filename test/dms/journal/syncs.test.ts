import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteJournal } from '../../../dms/journal/sqlite-journal.ts';
import { START, someHouse } from './sample-entries.ts';

const APPENDER = fileURLToPath(new URL('./append-forever.ts', import.meta.url));
const isTraceable = spawnSync('strace', ['-e', 'trace=none', 'true']).status === 0;
if (!isTraceable)
  process.stderr.write(
    'SKIPPED: syncs.test.ts needs a working `strace` to count and to fail the syncs of a process.\n',
  );

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gavel-syncs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs `times` awaited appends under strace; the lines of the process, and of its syncs. */
function appendTraced(times: number, ...options: string[]): { said: string[]; syncs: string[] } {
  const trace = join(folder, 'trace');
  const tracing = ['-f', '-e', 'trace=fsync,fdatasync', ...options, '-o', trace];
  const command = [process.execPath, APPENDER, join(folder, 'journal.db'), '1', String(times), 'id'];
  const { stdout } = spawnSync('strace', [...tracing, ...command], { encoding: 'utf8' });
  const syncs = readFileSync(trace, 'utf8').split('\n');
  // A call that a thread switch interrupts has two lines; `resumed` is the second one.
  return { said: stdout.trim().split('\n'), syncs: syncs.filter((line) => /f(data)?sync\(/.test(line)) };
}

describe.skipIf(!isTraceable)('what the journal asks of the disk', () => {
  it('syncs at least once for each acknowledged append', { timeout: 30_000 }, () => {
    const idle = appendTraced(0);
    rmSync(join(folder, 'journal.db'));
    rmSync(join(folder, 'journal.db.anchor'));
    const busy = appendTraced(50);
    expect(busy.said).toHaveLength(51);
    expect(busy.syncs.length - idle.syncs.length).toBeGreaterThanOrEqual(50);
  });

  it('acknowledges nothing once a sync has failed', { timeout: 30_000 }, async () => {
    const before = appendTraced(0).syncs.length;
    rmSync(join(folder, 'journal.db'));
    rmSync(join(folder, 'journal.db.anchor'));
    // The first sync after those of the opening and of three appends fails, once: a retry would succeed.
    const { said } = appendTraced(10, '-e', `inject=fsync,fdatasync:error=EIO:when=${before + 3}`);
    expect(said[0]).toBe('open');
    expect(said.at(-1)).toBe('error JournalFailed');
    const acknowledged = said.slice(1, -1);
    expect(acknowledged.length).toBeLessThan(10);

    const journal = new SqliteJournal({ file: join(folder, 'journal.db'), newHouse: someHouse() });
    await journal.open();
    const ids = (await journal.read(START, 100)).map(({ id }) => id);
    await journal.close();
    expect(ids).toEqual(expect.arrayContaining(acknowledged));
  });
});
