import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { collectState } from '../../../trusted-service/backup/collect-state.ts';
import { type BackupOptions, runBackup } from '../../../trusted-service/commands/backup.ts';
import { type RestoreOptions, runRestore } from '../../../trusted-service/commands/restore.ts';
import { testFolder } from '../test-folder.ts';
import { TestParticipant } from '../test-participant.ts';
import { OPERATOR_TOKEN, START, TestMachine, TestService } from '../test-service.ts';
import { runCommand } from './command-run.ts';

const at = testFolder();
const HOUR_MS = 3_600_000;
const passphrase = 'correct horse battery staple';
const WITH = { GAVEL_BACKUP_PASSPHRASE: passphrase };

const backup = (options: BackupOptions, env: Record<string, string> = WITH, now = START) =>
  runCommand((io) => runBackup(options, io, new TestMachine(now)), env);
const restore = (options: RestoreOptions, env: Record<string, string> = WITH, now = START + HOUR_MS) =>
  runCommand((io) => runRestore(options, io, new TestMachine(now)), env);

/** A home that something is to be restored to. */
function newHome(name: string): string {
  mkdirSync(at(name), { mode: 0o700 });
  return at(name);
}

const secretFile = (path: string, text: string) => writeFileSync(path, text, { mode: 0o600 });

let home: string;
let service: TestService;
beforeAll(async () => {
  service = await TestService.start({ clock: 'real' });
  home = service.home;
  await TestParticipant.enrolled(service, 'planted-name');
  await service.client.makeInvites({ count: 3 });
  const sealed = await backup({ home, out: at('sealed') });
  const plain = await backup({ home, out: at('plain'), plain: true }, {});
  expect([sealed.exitCode, plain.exitCode]).toEqual([0, 0]);
  secretFile(at('passphrase'), `${passphrase}\n`);
  return () => service.stop();
});

describe('a backup', () => {
  it('is one private file, of which nothing can be read, while the service runs', () => {
    expect(statSync(at('sealed')).mode & 0o777).toBe(0o600);
    const [sealed, open] = ['sealed', 'plain'].map((name) => readFileSync(at(name)).toString('latin1'));
    for (const secret of ['PRIVATE KEY', 'planted-name', 'SQLite format']) {
      expect([sealed!.includes(secret), open!.includes(secret)]).toEqual([false, true]);
    }
    // Nothing is left beside it.
    expect(readdirSync(at('.')).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('says what it is, and not its passphrase', async () => {
    const { exitCode, lines, stderr, stdout } = await backup({ home, out: at('told') });
    expect([exitCode, lines.length]).toEqual([0, 1]);
    expect(JSON.parse(lines[0]!)).toEqual({
      backup: at('told'),
      bytes: statSync(at('told')).size,
      encrypted: true,
      madeAt: START,
      authority: service.authority,
      auditHead: expect.stringMatching(/^\d+:[0-9a-f]{64}$/),
    });
    expect(stdout + stderr).not.toContain(passphrase);
    expect((await backup({ home, out: at('told-plain'), plain: true }, {})).stderr).toContain('NOT encrypted');
  });

  it('takes the passphrase from a file too', async () => {
    const env = { GAVEL_BACKUP_PASSPHRASE_FILE: at('passphrase') };
    expect((await restore({ from: at('sealed'), home: newHome('by-file') }, env)).exitCode).toBe(0);
  });

  it.each<[string, BackupOptions, Record<string, string>]>([
    ['no place', {}, WITH],
    ['a place that is taken', { out: at('sealed') }, WITH],
    ['no passphrase', { out: at('never') }, {}],
    ['an empty passphrase', { out: at('never') }, { GAVEL_BACKUP_PASSPHRASE: '' }],
    ['a short passphrase', { out: at('never') }, { GAVEL_BACKUP_PASSPHRASE: 'short' }],
    ['two passphrases', { out: at('never') }, { ...WITH, GAVEL_BACKUP_PASSPHRASE_FILE: at('passphrase') }],
    ['no file of a passphrase', { out: at('never') }, { GAVEL_BACKUP_PASSPHRASE_FILE: at('nowhere') }],
    ['a passphrase and none', { out: at('never'), plain: true }, WITH],
    ['no state', { out: at('never'), home: at('nowhere') }, WITH],
  ])('is not made with %s', async (_what, options, env) => {
    const before = readFileSync(at('sealed'));
    const { exitCode, stdout, stderr } = await backup({ home, ...options }, env);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^.+\.\n$/);
    expect(readFileSync(at('sealed'))).toEqual(before);
    expect(readdirSync(at('.'))).not.toContain('never');
  });

  it('is not put into the state itself, nor where there is no folder', async () => {
    expect((await backup({ home, out: `${home}/trusted-service/backup` })).exitCode).toBe(2);
    const { exitCode, stderr } = await backup({ home, out: at('no/folder') });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('ENOENT')]);
  });

  it('has each file as it was together with the store, though one is replaced meanwhile', async () => {
    const file = `${home}/trusted-service/keys/next.key`;
    mkdirSync(at('work'));
    secretFile(file, 'before');
    const collecting = collectState(`${home}/trusted-service`, at('work'), START);
    // The first look is over, and the store is being copied.
    writeFileSync(file, 'after');
    secretFile(`${file}.1234567`, 'half');
    const { manifest } = await collecting;
    const sha256 = createHash('sha256').update('after').digest('hex');
    expect(manifest.files).toContainEqual({ path: 'keys/next.key', bytes: 5, sha256, secret: true });
    expect(manifest.files.filter(({ path }) => /\.\d+$|lock|wal|shm/.test(path))).toEqual([]);
  });
});

describe('a restore', () => {
  it('puts everything back with its rights, ends open invites, and says what is lost', async () => {
    const target = newHome('all');
    secretFile(`${home}/trusted-service/operator-token`, 'made-by-the-service\n');
    await backup({ home, out: at('whole') });
    const { exitCode, lines, stderr } = await restore({ from: at('whole'), home: target });
    expect(exitCode).toBe(0);
    expect(JSON.parse(lines[0]!)).toMatchObject({ madeAt: START, endedInvites: 3, authority: service.authority });
    for (const word of ['enrol again', 'Revocations', '--crl', 'Invites: 3', 'audit journal', 'Never']) {
      expect(stderr).toContain(word);
    }
    const paths = (folder: string) =>
      readdirSync(`${folder}/trusted-service`, { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.pem$|\.key$|token$/.test(path))
        .toSorted();
    expect([paths(target), paths(target).length > 10]).toEqual([paths(home), true]);
    for (const path of paths(target)) {
      const [was, is] = [home, target].map((folder) => `${folder}/trusted-service/${path}`) as [string, string];
      expect([statSync(is).mode, readFileSync(is)]).toEqual([statSync(was).mode, readFileSync(was)]);
    }
    expect(statSync(`${target}/trusted-service`).mode & 0o777).toBe(0o700);
    expect(statSync(`${target}/trusted-service/trusted-service.db`).mode & 0o777).toBe(0o600);
    expect(readdirSync(target)).toEqual(['trusted-service']);
    expect(readFileSync(at('plain')).includes(OPERATOR_TOKEN)).toBe(false);
  });

  it('goes on beyond all that can have been given out: again and again from the same backup', async () => {
    const begun: { epoch: number; nextSerial: number }[] = [];
    for (const hours of [0, 1, 2, 24 * 365]) {
      const now = START + hours * HOUR_MS;
      const { lines } = await restore({ from: at('plain'), home: newHome(`later-${hours}`) }, {}, now);
      begun.push(JSON.parse(lines[0]!));
    }
    for (const [index, { epoch, nextSerial }] of begun.slice(1).entries()) {
      const before = begun[index]!;
      // A thousand of the one in each millisecond, and a start or clock setting in each.
      expect(nextSerial - before.nextSerial).toBeGreaterThanOrEqual(HOUR_MS * 1_000);
      expect(epoch - before.epoch).toBeGreaterThanOrEqual(HOUR_MS);
    }
    // The first one too: clocks may have been a day wrong.
    expect(begun[0]!.nextSerial).toBeGreaterThan(24 * HOUR_MS * 1_000);
    expect(begun.flatMap(({ epoch, nextSerial }) => [epoch, nextSerial]).every(Number.isSafeInteger)).toBe(true);
  });

  it('needs a clock that is not before the backup', async () => {
    const target = newHome('early');
    const { exitCode, stderr } = await restore({ from: at('plain'), home: target }, {}, START - 1);
    expect([exitCode, stderr, readdirSync(target)]).toEqual([2, expect.stringContaining('clock'), []]);
  });

  it('needs a clock that is not before the last list either, unless the clock was a simulated one', async () => {
    const list = await service.client.revocationList();
    if (list === 'unchanged') throw new Error('asked without a tag');
    writeFileSync(at('crl'), list.der);
    const later = await backup({ home, out: at('earlier'), plain: true }, {}, START - 2 * HOUR_MS);
    expect(later.exitCode).toBe(0);
    const options = { from: at('earlier'), crl: [at('crl')] };
    const early = await restore({ ...options, home: newHome('list-early') }, {}, START - HOUR_MS);
    expect([early.exitCode, early.stderr]).toEqual([2, expect.stringContaining('clock')]);
    expect((await restore({ ...options, home: newHome('list-late') }, {}, START)).exitCode).toBe(0);
  });

  it('touches no folder with anything in it', async () => {
    const busy = await restore({ from: at('plain'), home }, {});
    expect([busy.exitCode, busy.stderr]).toEqual([2, expect.stringMatching(/works with .*; stop it/)]);
    const target = newHome('kept');
    mkdirSync(`${target}/trusted-service`);
    writeFileSync(`${target}/trusted-service/note`, 'mine');
    const kept = await restore({ from: at('plain'), home: target }, {});
    expect([kept.exitCode, kept.stderr]).toEqual([2, expect.stringMatching(/There is state .* move it away/)]);
    expect([readdirSync(target), readdirSync(`${target}/trusted-service`)]).toEqual([['trusted-service'], ['note']]);
    const empty = newHome('empty');
    mkdirSync(`${empty}/trusted-service`);
    expect((await restore({ from: at('plain'), home: empty }, {})).exitCode).toBe(0);
  });

  it.each<[string, number, RestoreOptions, Record<string, string>]>([
    ['no backup', 2, {}, WITH],
    ['a backup that is not there', 1, { from: at('nowhere') }, WITH],
    ['a wrong passphrase', 4, { from: at('sealed') }, { GAVEL_BACKUP_PASSPHRASE: `${passphrase}.` }],
    ['no passphrase', 4, { from: at('sealed') }, {}],
    ['a list that is not there', 1, { from: at('plain'), crl: [at('nowhere')] }, {}],
    ['a list that is none', 2, { from: at('plain'), crl: [at('plain')] }, {}],
  ])('with %s exits with %i, says why, and leaves nothing', async (what, expected, options, env) => {
    const target = newHome(what);
    const { exitCode, stdout, stderr } = await restore({ home: target, ...options }, env);
    expect([exitCode, stdout, readdirSync(target)]).toEqual([expected, '', []]);
    expect(stderr).toMatch(/^.+\.\n$/);
    expect(stderr).not.toContain(passphrase);
  });
});
