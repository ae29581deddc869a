import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteJournal } from '../../../dms/journal/sqlite-journal.ts';
import { refusalOf } from '../../support/refusal.ts';
import { START, someEntry, someHouse, someLot } from './sample-entries.ts';

const APPENDER = fileURLToPath(new URL('./append-forever.ts', import.meta.url));
const BATCH = 7;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gavel-kill-'));
  file = join(folder, 'journal.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

function startAppending(prefix: string): ChildProcessByStdio<null, Readable, null> {
  const args = [APPENDER, file, String(BATCH), 'Infinity', prefix];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Kills the process in the middle of its work, and returns every line that it managed to say. */
async function killAfter(child: ReturnType<typeof startAppending>, enough: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (lines.length === enough) child.kill('SIGKILL');
  }
  expect(child.signalCode ?? (await once(child, 'exit'))[1]).toBe('SIGKILL');
  expect(lines[0]).toBe('open');
  return lines.slice(1);
}

describe('a journal whose process is killed', () => {
  it('has every acknowledged id once and in order, whole batches only, and goes on', { timeout: 30_000 }, async () => {
    const acknowledged: string[] = [];
    for (const [round, enough] of [20, 33, 50].entries()) {
      const lines = await killAfter(startAppending(`round${round}`), enough);
      acknowledged.push(...lines.flatMap((line) => line.split(' ')));
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual((19 + 32 + 49) * BATCH);

    const journal = new SqliteJournal({ file, newHouse: someHouse() });
    const { position } = await journal.open();
    const recorded = await journal.read(START, 1_000_000);
    const next = await journal.append([someEntry(someLot(), 0)]);
    await journal.close();

    const ids = recorded.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    // Recorded but not acknowledged can only be the batch that each kill has interrupted.
    const said = new Set(acknowledged);
    expect(ids.filter((id) => said.has(id))).toEqual(acknowledged);
    expect(ids.length - said.size).toBeLessThanOrEqual(3 * BATCH);
    expect(ids.length % BATCH).toBe(0);
    expect(recorded.map((one) => one.position)).toEqual(ids.map((_, index) => index + 1));
    expect(position).toBe(ids.length);
    expect(next).toEqual([{ ok: true, position: ids.length + 1, version: 1 }]);
  });

  it('is locked while that process lives, and free when it is dead', { timeout: 30_000 }, async () => {
    const child = startAppending('one');
    await once(child.stdout, 'data');
    const second = new SqliteJournal({ file, newHouse: someHouse() });
    expect(await refusalOf(second.open())).toBe('journal-locked');
    const dead = once(child, 'exit');
    child.kill('SIGKILL');
    await dead;
    const third = new SqliteJournal({ file, newHouse: someHouse() });
    expect((await third.open()).house).toBeDefined();
    await third.close();
  });
});
