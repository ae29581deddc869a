import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Decision } from '../../../client/bots/decision.ts';
import { DecisionJournal } from '../../../client/bots/decision-journal.ts';
import { HomeLock } from '../../../client/bots/home-lock.ts';
import { SecretMaxima } from '../../../client/bots/secret-maxima.ts';
import { StopFile } from '../../../client/bots/stop-file.ts';
import type { Amount, CommandId } from '../../../shared/wire/vocabulary.ts';
import { lotId, T0, uuid } from '../lots.ts';
import { TOY_HOUSE } from './toy-house.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gavel-bots-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const line = (n: number): Decision => ({
  ...{ v: 1, at: T0, epoch: 1, type: 'bidding', event: 'tick', house: TOY_HOUSE },
  ...{ id: uuid(n) as CommandId, lot: lotId(1), amount: n as Amount },
});
const file = () => join(folder, 'test.jsonl');

describe('a journal of decisions', () => {
  it('keeps every line, for its owner alone', async () => {
    const journal = await DecisionJournal.open(folder, 'test');
    await Promise.all([1, 2, 3].map((n) => journal.append(line(n))));
    await journal.close();
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    const again = await DecisionJournal.open(folder, 'test');
    await again.append(line(4));
    await again.close();
    expect(again.kept).toEqual([1, 2, 3].map(line));
    expect(readFileSync(file(), 'utf8').split('\n')).toHaveLength(5);
  });

  it('drops half a line that a crash left, and goes on after the last whole one', async () => {
    writeFileSync(file(), `${JSON.stringify(line(1))}\n{"v":1,"at"`, { mode: 0o600 });
    const journal = await DecisionJournal.open(folder, 'test');
    await journal.append(line(2));
    await journal.close();
    const again = await DecisionJournal.open(folder, 'test');
    expect([journal.kept, again.kept]).toEqual([[line(1)], [line(1), line(2)]]);
    await again.close();
  });

  it.each([
    ['a line of another form', '{"v":2}\n'],
    ['no JSON', 'nonsense\n'],
    ['no UTF-8', Buffer.from([0xff, 0x0a])],
  ])('is not begun from %s: there would be no limits', async (_what, text) => {
    writeFileSync(file(), text, { mode: 0o600 });
    await expect(DecisionJournal.open(folder, 'test')).rejects.toMatchObject({ code: 'home-unreadable' });
  });

  it('is refused where others can read it', async () => {
    writeFileSync(file(), '');
    chmodSync(file(), 0o644);
    await expect(DecisionJournal.open(folder, 'test')).rejects.toMatchObject({ code: 'home-too-open' });
  });

  it('says so where a line can not be written, and writes none after it', async () => {
    symlinkSync('/dev/full', file());
    const journal = await DecisionJournal.open(folder, 'test').catch((error: unknown) => error);
    // A device is nobody's private file; one that is full comes to the same.
    expect(journal).toMatchObject({ code: 'home-too-open' });
    rmSync(file());
    const closed = await DecisionJournal.open(folder, 'test');
    await closed.close();
    await expect(closed.append(line(1))).rejects.toMatchObject({ code: 'home-unreadable' });
    await expect(closed.append(line(2))).rejects.toMatchObject({ code: 'home-unreadable' });
  });
});

describe('a home', () => {
  it('has one bot at a time', async () => {
    const lock = await HomeLock.take(folder);
    await expect(HomeLock.take(folder)).rejects.toMatchObject({ code: 'bot-running' });
    lock.release();
    (await HomeLock.take(folder)).release();
    expect(statSync(join(folder, 'lock')).mode & 0o777).toBe(0o600);
  });

  it('keeps secret maxima, the newest word for each lot', async () => {
    const maxima = await SecretMaxima.open(folder, TOY_HOUSE);
    await maxima.keep(lotId(1), 500 as Amount);
    await maxima.keep(lotId(1), 400 as Amount);
    await maxima.keep(lotId(2), 300 as Amount);
    const again = await SecretMaxima.open(folder, TOY_HOUSE);
    expect([1, 2, 3].map((n) => again.of(lotId(n)))).toEqual([400, 300, undefined]);
    expect(statSync(join(folder, 'maxima', `${TOY_HOUSE}.json`)).mode & 0o777).toBe(0o600);
    chmodSync(join(folder, 'maxima', `${TOY_HOUSE}.json`), 0o640);
    await expect(SecretMaxima.open(folder, TOY_HOUSE)).rejects.toMatchObject({ code: 'home-too-open' });
  });
});

describe('a stop file', () => {
  it('is there from its appearance on, whatever it is', () => {
    const path = join(folder, 'stop');
    const stop = new StopFile(path);
    expect(stop.isThere).toBe(false);
    symlinkSync('/nowhere', path);
    expect(stop.isThere).toBe(true);
  });

  it('counts as there where nobody can look', () => {
    expect(new StopFile(join(folder, 'x'.repeat(5_000))).isThere).toBe(true);
    writeFileSync(join(folder, 'file'), '');
    expect(new StopFile(join(folder, 'file/stop')).isThere).toBe(false);
  });
});
