/** The completion scripts in the shells that read them; where a shell is missing, at least what can be said without it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { spawn } from '@lydell/node-pty';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../client/commands/command-table.ts';
import { describeOption } from '../../../client/door/completion/described-program.ts';
import { CLIENT_OPTIONS, DOCTOR_OPTIONS } from '../../../client/options.ts';
import { type Ending, gavel } from '../../support/gavel-process.ts';
import { until } from '../../support/until.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

let folder: string;
const scripts = new Map<string, Ending>();
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gavel-completion-'));
  for (const shell of SHELLS) {
    scripts.set(shell, await gavel(['completion', shell], {}));
    writeFileSync(file(shell), script(shell));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const script = (shell: string) => scripts.get(shell)!.out;
const file = (shell: string) => join(folder, `gavel.${shell}`);
const has = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;
const longNames = (options: readonly { flags?: string }[]) =>
  options.flatMap(({ flags = '' }) => /--[a-z-]+/.exec(flags)?.[0] ?? []);
const lines = COMMANDS.map(({ name }) => `/${name}`);

/** What bash offers for the last of these words. */
function offered(...words: string[]): string[] {
  const program = `source ${file('bash')}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _gavel; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-uc', program, 'test', 'gavel', ...words]);
  // Outside of a completion that is under way bash says that compopt has nothing to do.
  expect(String(stderr).replaceAll(/.*compopt.*\n/g, '')).toBe('');
  return String(stdout)
    .split('\n')
    .filter((word) => word !== '');
}

describe('completion in bash', () => {
  it('offers the words', () => {
    expect(offered('')).toEqual(expect.arrayContaining(['client', 'bot', 'doctor', 'start', 'trusted-service', 'dms']));
    expect(offered('do')).toEqual(['doctor']);
    expect(offered('nonsense', '')).toEqual([]);
  });

  it('offers the options that --help prints, and no other', () => {
    expect(offered('client', '--').toSorted()).toEqual([...longNames(CLIENT_OPTIONS), '--help'].toSorted());
    expect(offered('doctor', '').toSorted()).toEqual([...longNames(DOCTOR_OPTIONS), '--help'].toSorted());
    expect(offered('client', '--json', '--pla')).toEqual(['--plain']);
  });

  it('offers the commands of the client after -c, as many as there are', () => {
    expect(offered('client', '-c', '')).toEqual(lines);
    expect(offered('client', '--json', '--command', '/al')).toEqual(['/allitems']);
    expect(offered('client', '-c', '/allitems', '"/my')).toEqual(expect.arrayContaining(['/myitems']));
    expect(offered('client', '-c', '/allitems', '--js')).toEqual(['--json']);
  });

  it('offers the words of an argument', () => {
    expect(offered('completion', '')).toEqual([...SHELLS]);
  });

  it('offers nothing of its own for what it can not know, and for paths', () => {
    expect(offered('client', '--username', '')).toEqual([]);
    expect(offered('client', '--home', '')).toEqual([]);
  });

  it('works at a prompt: the Tab key completes words, options, lines and paths', async () => {
    writeFileSync(join(folder, 'passphrase-of-ann'), '');
    const env = { PATH: process.env['PATH'] ?? '', TERM: 'dumb', PS1: '$ ', HOME: folder };
    const bash = spawn('bash', ['--norc', '--noprofile', '-i'], { cwd: folder, env, cols: 200, rows: 40 });
    let output = '';
    bash.onData((text) => {
      output += text;
    });
    const shown = (what: string) =>
      until(`${what} on the screen`, () => stripVTControlCharacters(output).includes(what));
    bash.write(`source ${file('bash')}; gavel() { printf '<%s>' "$@"; echo; }; echo re''ady\r`);
    await shown('ready\r\n$ ');
    bash.write('gavel cli\t--pas\t-f\t pass\t -c "/alli\t\r');
    await shown('<client><--passphrase-file><passphrase-of-ann><-c></allitems>');
    bash.kill();
  });
});

describe.each(SHELLS)('the script for %s', (shell) => {
  it('is printed by the program, which says nothing else', () => {
    expect(scripts.get(shell)).toMatchObject({ code: 0, err: '' });
  });

  it('has every word, every option and every command', () => {
    for (const line of lines) expect(script(shell)).toContain(line);
    const option = (name: string) => (shell === 'fish' ? `-l ${name.slice(2)}` : name);
    for (const name of longNames([...CLIENT_OPTIONS, ...DOCTOR_OPTIONS])) expect(script(shell)).toContain(option(name));
    for (const word of ['trusted-service', 'verify', 'start']) expect(script(shell)).toContain(word);
  });

  const isThere = has(shell);
  if (!isThere) process.stderr.write(`SKIPPED: completion.test.ts can not let ${shell} read its script.\n`);
  it.skipIf(!isThere)('is read by the shell', () => {
    expect(String(spawnSync(shell, ['-n', file(shell)]).stderr)).toBe('');
  });

  it('has an end to each of its quotes', () => {
    // An odd number of quotes that count would swallow what follows.
    const escaped = shell === 'fish' ? /\\['\\]/g : /\\'/g;
    for (const line of script(shell)
      .split('\n')
      .filter((text) => !text.startsWith('#') && !text.includes('["'))) {
      expect([line, (line.replaceAll(escaped, '').match(/'/g) ?? []).length % 2]).toEqual([line, 0]);
    }
  });
});

describe('an option as it is declared', () => {
  it.each([
    ['--json', ['--json'], 'none'],
    ['--home <folder>', ['--home'], 'path'],
    ['--root <file|sha256:…>', ['--root'], 'path'],
    ['--username <name>', ['--username'], 'text'],
    ['-c, --command <command...>', ['-c', '--command'], 'command-lines'],
  ])('%s is described', (flags, names, value) => {
    expect(describeOption(flags, 'help')).toEqual({ names, value, help: 'help' });
  });
});
