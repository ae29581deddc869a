import { mkdirSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { Subject } from '../../../shared/wire/vocabulary.ts';
import { MIGRATIONS } from '../../../trusted-service/store/migrations.ts';
import { loadStore } from '../../../trusted-service/store/store.ts';
import { testFolder } from '../test-folder.ts';

const at = testFolder();
const folder = (name: string) => {
  mkdirSync(at(name), { mode: 0o700 });
  return at(name);
};
const jane = Subject.parse('A'.repeat(43));

describe('the store', () => {
  it('keeps what was written', () => {
    const path = folder('kept');
    const first = loadStore(path);
    const participant = { subject: jane, username: 'Jane', foldedUsername: 'jane', contact: undefined };
    first.participants.add(participant, 1);
    expect(first.proofs.spend(jane, 'one', 10)).toBe(true);
    const epoch = first.numbers.beginEpoch(-5);
    first.close();
    const again = loadStore(path);
    expect(again.participants.find(jane)).toEqual(participant);
    expect(again.participants.findByName('jane')).toEqual(participant);
    expect(again.proofs.spend(jane, 'one', 10)).toBe(false);
    expect(again.numbers.clockOffsetMs()).toBe(-5);
    expect(again.numbers.beginEpoch(0)).toBe(epoch + 1);
    again.close();
  });

  it('forgets proofs from the oldest on', () => {
    const store = loadStore(folder('proofs'));
    store.proofs.spend(jane, 'old', 10);
    store.proofs.spend(jane, 'new', 11);
    store.proofs.forgetBefore(11);
    expect([store.proofs.spend(jane, 'old', 10), store.proofs.spend(jane, 'new', 11)]).toEqual([true, false]);
    store.close();
  });

  it('is one process’s at a time', () => {
    const path = folder('locked');
    const store = loadStore(path);
    expect(() => loadStore(path)).toThrow(/Another Trusted Service/);
    store.close();
    loadStore(path).close();
  });

  it('reaches the disk with every commit, and is the owner’s alone', () => {
    const path = folder('durable');
    const store = loadStore(path);
    store.numbers.reserveSerials(1);
    for (const name of ['trusted-service.db', 'trusted-service.db-wal', 'trusted-service.lock']) {
      expect(statSync(`${path}/${name}`).mode & 0o077, name).toBe(0);
    }
    store.close();
  });

  it('is not opened where a newer version wrote it', () => {
    const path = folder('newer');
    loadStore(path).close();
    const database = new DatabaseSync(`${path}/trusted-service.db`);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    database.close();
    expect(() => loadStore(path)).toThrow(/newer version/);
    // The lock was let go.
    expect(() => loadStore(path)).toThrow(/newer version/);
  });
});
