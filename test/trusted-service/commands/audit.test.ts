import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { type AuditOptions, runAudit } from '../../../trusted-service/commands/audit.ts';
import { loadStore } from '../../../trusted-service/store/store.ts';
import { testFolder } from '../test-folder.ts';
import { TestParticipant } from '../test-participant.ts';
import { TestService } from '../test-service.ts';
import { runCommand } from './command-run.ts';

const at = testFolder();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const audit = (options: AuditOptions, isTTY = false) => runCommand((io) => runAudit(options, io), {}, isTTY);

/** A home with a journal of so many events, closed. */
function journal(name: string, events: number): string {
  mkdirSync(at(`${name}/trusted-service`), { recursive: true, mode: 0o700 });
  const store = loadStore(at(`${name}/trusted-service`));
  for (let event = 1; event <= events; event++) store.audit.append({ type: 'test', at: event, serial: 'ab' });
  store.close();
  return at(name);
}

/** Does to the database what its triggers would refuse. */
function tamper(home: string, sql: string, ...values: SQLInputValue[]): void {
  const database = new DatabaseSync(`${home}/trusted-service/trusted-service.db`);
  const names = ['is_not_edited', 'is_not_cut', 'grows_at_its_end'].map(
    (name) => `DROP TRIGGER audit_journal_${name};`,
  );
  database.exec(names.join(''));
  database.prepare(sql).run(...values);
  database.close();
}

const headOf = (lines: readonly string[]): string => JSON.parse(lines.at(-1)!).head;

describe('gavel audit', () => {
  it('prints every event as JSON, and the head, and exits with 0', async () => {
    const home = journal('good', 3);
    const before = readFileSync(`${home}/trusted-service/trusted-service.db`);
    const { exitCode, lines, stderr } = await audit({ home });
    expect([exitCode, stderr]).toEqual([0, '']);
    const events = lines.slice(0, -1).map((line) => JSON.parse(line));
    const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(events).toEqual([1, 2, 3].map((number) => ({ type: 'test', at: number, serial: 'ab', number, hash })));
    expect(headOf(lines)).toBe(`3:${events[2].hash}`);
    // What was kept is as it was; what SQLite puts beside it is the owner's alone.
    expect(readFileSync(`${home}/trusted-service/trusted-service.db`)).toEqual(before);
    for (const name of readdirSync(`${home}/trusted-service`)) {
      expect(statSync(`${home}/trusted-service/${name}`).mode & 0o077, name).toBe(0);
    }
  });

  it('prints a table on a terminal, and nothing that could paint it', async () => {
    const home = journal('table', 2);
    const store = loadStore(`${home}/trusted-service`);
    store.audit.append({ type: 'x\u001b[2J', at: 'never', note: '\u202e\u009b' });
    store.close();
    const { exitCode, lines } = await audit({ home }, true);
    expect(exitCode).toBe(0);
    expect(lines[0]).toBe('     1 1970-01-01T00:00:00.001Z test                serial=ab');
    expect(lines[2]).toMatch(/^ {5}3 \? {24}x.\[2J/);
    expect(lines.join('')).not.toMatch(/[\p{C}]/u);
    expect(lines[3]).toMatch(/^3 events\. Head: 3:[0-9a-f]{64}$/);
    expect((await audit({ home, json: true }, true)).lines).toEqual((await audit({ home })).lines);
  });

  it('reads more than one page, in order', async () => {
    const home = journal('pages', 1_201);
    const { exitCode, lines } = await audit({ home });
    expect([exitCode, lines.length]).toEqual([0, 1_202]);
    expect(headOf(lines)).toMatch(/^1201:/);
  });

  it.each<[string, number, string, ...SQLInputValue[]]>([
    ['a changed event', 3, `UPDATE audit_journal SET event = replace(event, '"ab"', '"ac"') WHERE number = 3`],
    ['a changed hash', 2, 'UPDATE audit_journal SET hash = zeroblob(32) WHERE number = 2'],
    ['a short hash', 2, 'UPDATE audit_journal SET hash = substr(hash, 1, 31) WHERE number = 2'],
    ['an event that is not UTF-8', 4, `UPDATE audit_journal SET event = CAST(x'7bff7d' AS TEXT) WHERE number = 4`],
    ['a dropped event', 4, 'DELETE FROM audit_journal WHERE number = 4'],
    ['a dropped beginning', 1, 'DELETE FROM audit_journal WHERE number < 3'],
    [
      'two that changed places',
      2,
      `UPDATE audit_journal SET (event, hash) = (SELECT event, hash FROM audit_journal other
        WHERE other.number = 6 - audit_journal.number) WHERE number IN (2, 4)`,
    ],
    ['one before the first', 1, `INSERT INTO audit_journal VALUES (0, '{"number":0}', zeroblob(32))`],
    ['one far below', 1, `INSERT INTO audit_journal VALUES (-9223372036854775807, '{}', zeroblob(32))`],
    ['one far above', 6, `INSERT INTO audit_journal VALUES (9223372036854775807, '{}', zeroblob(32))`],
  ])('names the first row that does not hold: %s', async (what, number, sql) => {
    const home = journal(what.replaceAll(' ', '-'), 5);
    tamper(home, sql);
    const { exitCode, lines, stderr } = await audit({ home });
    expect(exitCode).toBe(6);
    expect(stderr).toMatch(new RegExp(`event ${number} `));
    // What holds is printed, and no head that somebody could note.
    expect(lines.map((line) => JSON.parse(line).number)).toEqual([1, 2, 3, 4, 5].slice(0, number - 1));
  });

  it('finds a journal cut off, or written anew, by a head that was noted', async () => {
    const home = journal('noted', 5);
    const expectHead = headOf((await audit({ home })).lines);
    const store = loadStore(`${home}/trusted-service`);
    store.audit.append({ type: 'later' });
    store.close();
    expect((await audit({ home, expectHead })).exitCode).toBe(0);
    const cut = at('cut');
    cpSync(home, cut, { recursive: true });
    tamper(cut, 'DELETE FROM audit_journal WHERE number > 3');
    expect((await audit({ home: cut })).exitCode).toBe(0);
    const missed = await audit({ home: cut, expectHead });
    expect([missed.exitCode, missed.stderr]).toEqual([6, expect.stringMatching(/event 4 is missing/)]);
    const other = journal('other', 5);
    const another = journal('another', 4);
    expect((await audit({ home: other, expectHead })).exitCode).toBe(0);
    const rewriting = loadStore(`${another}/trusted-service`);
    rewriting.audit.append({ type: 'forged' });
    rewriting.audit.append({ type: 'forged' });
    rewriting.close();
    expect((await audit({ home: another, expectHead })).exitCode).toBe(6);
  });

  it('says what is wrong with what was asked', async () => {
    const home = journal('asked', 1);
    expect((await audit({ home, expectHead: '1:abc' })).exitCode).toBe(2);
    expect((await audit({ home: at('nowhere') })).exitCode).toBe(2);
    writeFileSync(`${home}/trusted-service/trusted-service.db`, 'no database at all'.repeat(500));
    const { exitCode, stderr } = await audit({ home });
    expect([exitCode, stderr]).toEqual([6, expect.stringContaining('damaged')]);
  });

  it('works while the service runs, and tells what it does', async () => {
    const service = await TestService.start();
    const before = await audit({ home: service.home });
    await TestParticipant.enrolled(service, 'audited');
    const after = await audit({ home: service.home, expectHead: headOf(before.lines) });
    expect([before.exitCode, after.exitCode]).toEqual([0, 0]);
    const types = (lines: readonly string[]) => lines.slice(0, -1).map((line) => JSON.parse(line).type);
    expect(types(after.lines).slice(types(before.lines).length)).toEqual(['enrolled', 'certificate-issued']);
    await service.stop();
  });
});

describe('after kill -9', () => {
  it('the journal is whole, and the next life goes on with it', async () => {
    const script = new URL('../run-main.ts', import.meta.url).pathname;
    const env = { ...process.env, GAVEL_HOME: at('killed'), GAVEL_TRUSTED_SERVICE_PORT: '0', GAVEL_CLOCK: 'simulated' };
    let expectHead: string | undefined;
    for (let life = 0; life < 4; life++) {
      const child = spawn(process.execPath, [script], {
        env: { ...env, GAVEL_TRUSTED_SERVICE_TLS: 'off', GAVEL_OPERATOR_TOKEN: 'the-operator-of-this-test' },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      children.push(child);
      const [line] = (await once(child.stdout!, 'data')) as [Buffer];
      const { listening } = JSON.parse(line.toString());
      const headers = { authorization: 'Bearer the-operator-of-this-test', 'content-type': 'application/json' };
      const kill = randomInt(5, 40);
      for (let time = 0; time < 60; time++) {
        if (time === kill) child.kill('SIGKILL');
        // What was cut off has no answer.
        await fetch(`${listening}/api/settime`, { method: 'POST', headers, body: `{"time":${time}}` }).catch(() => {});
      }
      const whole = await audit({ home: at('killed'), ...(expectHead === undefined ? {} : { expectHead }) });
      expect([whole.exitCode, whole.stderr]).toEqual([0, '']);
      expect(whole.lines.length).toBeGreaterThan(kill);
      expectHead = headOf(whole.lines);
    }
  });
});
