import { mkdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { digestOfText } from '../../../shared/crypto/digest.ts';
import { EMPTY_HEAD, verifyRows } from '../../../trusted-service/audit/audit-chain.ts';
import { AuditJournal } from '../../../trusted-service/audit/audit-journal.ts';
import { readAuditRows } from '../../../trusted-service/store/audit-records.ts';
import { loadStore } from '../../../trusted-service/store/store.ts';
import { testFolder } from '../test-folder.ts';
import { TestMachine } from '../test-service.ts';

const at = testFolder();

function open(name: string) {
  mkdirSync(at(name), { recursive: true, mode: 0o700 });
  const store = loadStore(at(name));
  const database = new DatabaseSync(`${at(name)}/trusted-service.db`);
  const eventsNow = () => [...verifyRows(readAuditRows(database))].map(({ event }) => event);
  const close = () => {
    database.close();
    store.close();
  };
  return { store, database, eventsNow, close };
}

describe('the rows of the audit journal', () => {
  it('are chained from the first on, also over a restart', () => {
    const first = open('chained');
    expect(first.store.audit.head()).toEqual(EMPTY_HEAD);
    first.store.audit.append({ type: 'one', b: 1, a: [true, null] });
    first.close();
    const again = open('chained');
    again.store.audit.append({ type: 'two' });
    expect(again.eventsNow()).toEqual([
      { type: 'one', b: 1, a: [true, null], number: 1 },
      { type: 'two', number: 2 },
    ]);
    expect(again.store.audit.head().number).toBe(2);
    again.close();
  });

  it.each([
    `UPDATE audit_journal SET event = '{}'`,
    'UPDATE audit_journal SET hash = zeroblob(32) WHERE number = 2',
    'UPDATE audit_journal SET number = 9 WHERE number = 2',
    'DELETE FROM audit_journal',
    'DELETE FROM audit_journal WHERE number = 2',
    `INSERT OR REPLACE INTO audit_journal VALUES (2, '{}', zeroblob(32))`,
    `REPLACE INTO audit_journal VALUES (1, '{}', zeroblob(32))`,
    `INSERT INTO audit_journal VALUES (0, '{}', zeroblob(32))`,
    `INSERT INTO audit_journal VALUES (4, '{}', zeroblob(32))`,
    `INSERT INTO audit_journal VALUES (NULL, '{}', zeroblob(32))`,
    `INSERT INTO audit_journal VALUES (2, '{}', zeroblob(32)) ON CONFLICT DO UPDATE SET event = 'x'`,
  ])('are not changed by: %s', (sql) => {
    const { store, database, eventsNow, close } = open(`trigger-${digestOfText(sql)}`);
    store.audit.append({ type: 'one' });
    store.audit.append({ type: 'two' });
    expect(() => database.exec(sql)).toThrow(/append-only/);
    expect(eventsNow()).toHaveLength(2);
    close();
  });
});

describe('the audit journal', () => {
  it('is written with the act itself or not at all, at the machine’s time', () => {
    const { store, eventsNow, close } = open('together');
    const machine = new TestMachine();
    const journal = new AuditJournal(store, machine);
    const event = {
      type: 'clock-changed',
      by: 'service',
      cause: 'start',
      clock: 'real',
      time: 1,
      offsetMs: 0,
    } as const;
    const act = (fails: boolean) =>
      journal.within((record) => {
        const epoch = store.numbers.beginEpoch(0);
        record({ ...event, epoch });
        if (fails) throw new Error('the disk is full');
        return epoch;
      });
    expect(act(false)).toBe(1);
    expect(() => act(true)).toThrow('the disk is full');
    expect(act(false)).toBe(2);
    expect(eventsNow()).toEqual([1, 2].map((epoch) => ({ ...event, epoch, at: machine.time, number: epoch })));
    close();
  });
});
