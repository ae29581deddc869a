import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Checkpointer } from '../../../dms/journal/checkpointer.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gavel-checkpoint-'));
  file = join(folder, 'journal.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Resolves when a checkpoint is done, rejects when it has failed. */
function checkpointerOf(path: string) {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  return { done: promise, checkpointer: new Checkpointer(path, resolve, reject) };
}

it('moves into the file what a writer has committed, who goes on writing', async () => {
  const writer = new DatabaseSync(file);
  writer.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE record (id INTEGER) STRICT');
  writer.exec('INSERT INTO record VALUES (1)');
  const { done, checkpointer } = checkpointerOf(file);
  checkpointer.count(511);
  checkpointer.count(1);
  writer.exec('INSERT INTO record VALUES (2)');
  await done;
  await checkpointer.close();
  const alone = join(folder, 'alone.db');
  copyFileSync(file, alone);
  expect(new DatabaseSync(alone).prepare('SELECT id FROM record').all()).toContainEqual({ id: 1 });
  expect(writer.prepare('SELECT count(*) AS count FROM record').get()).toEqual({ count: 2 });
  writer.close();
});

it('tells when it has failed', async () => {
  writeFileSync(file, 'no database at all, and long enough to be looked at as one'.repeat(20));
  const { done, checkpointer } = checkpointerOf(file);
  checkpointer.count(512);
  await expect(done).rejects.toThrow('file is not a database');
  await checkpointer.close();
});
