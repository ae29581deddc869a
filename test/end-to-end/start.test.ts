import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from '../../start.ts';
import { TestTerminal } from '../support/terminal.ts';
import { TypedTerminal } from '../support/typed-terminal.ts';
import { until } from '../support/until.ts';

const project = join(import.meta.dirname, '../..');
const gavel = join(project, 'gavel.mjs');

interface Step {
  readonly type: string;
  readonly participant: string;
  readonly at: number;
  readonly data: Record<string, unknown> & {
    readonly counterparty?: { readonly username: string; readonly contact: string };
  };
}

const END_KEY = '\u001B[F';

/** Servers, and five guests, on a machine that has more to do. */
const START_LIMIT_MS = 60_000;

/** What the operator of a house may have set on this machine: `start` is open to its guests all the same. */
const OF_ANOTHER_HOUSE = {
  GAVEL_REGISTRATION: 'invite',
  GAVEL_ENROLMENTS_PER_HOUR: '0',
  GAVEL_TRUSTED_SERVICE_HOSTS: 'trust.example',
};

/** Without what an npm that runs these tests tells its children: here it has to read its own settings. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));

let temporary: string;
beforeAll(() => {
  temporary = mkdtempSync(join(tmpdir(), 'gavel-test-'));
});
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

async function run(command: string, args: readonly string[], input?: (output: string) => string | undefined) {
  // npm, unlike us, keeps compiled code in the temporary folder.
  const env = { ...environment, ...OF_ANOTHER_HOUSE, TMPDIR: temporary, NODE_DISABLE_COMPILE_CACHE: '1' };
  const child = spawn(command, args, { cwd: project, env, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    output += piece;
    const answer = input?.(output);
    if (answer !== undefined) child.stdin.write(answer);
  });
  if (input === undefined) child.stdin.end();
  const errors = text(child.stderr);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { output, code, errors: await errors };
}

describe('npm start without a terminal', () => {
  let steps: Step[];
  let result: Awaited<ReturnType<typeof run>>;
  const stepsOf = (participant: string, type: string) =>
    steps.filter((step) => step.participant === participant && step.type === type);

  beforeAll(async () => {
    // As the README says it: nothing of npm's own may stand among the lines. The set-up before it is not what is looked at.
    result = await run('npm', ['start', '--ignore-scripts']);
    steps = result.output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  });

  it('writes JSON lines and nothing else', () => {
    expect(result.output).toMatch(/^(\{.+\}\n)+$/);
    expect(steps.every(({ type }) => typeof type === 'string')).toBe(true);
  });

  it('plays one auction and ends with 0', () => {
    expect(result).toMatchObject({ code: 0, errors: '' });
    expect(steps.at(-1)).toMatchObject({ type: 'bye', data: { exitCode: 0 } });
  });

  it('enrols a seller and three bidders, lists two lots, and refuses the tie that came later', () => {
    expect(steps.filter(({ type }) => type === 'hello').map(({ participant }) => participant)).toHaveLength(4);
    expect(stepsOf('hannah', 'accepted').map(({ data }) => data['command'])).toEqual(['list', 'list']);
    expect(stepsOf('dora', 'rejected').map(({ data }) => data['reason'])).toEqual(['tie-lost']);
  });

  it('travels in time to the closing of both lots', () => {
    const [clock] = stepsOf('operator', 'clock');
    expect(clock?.data['byMs']).toBeGreaterThan(10 * 60_000);
    expect(steps.filter(({ type }) => type === 'closed').map(({ data }) => data['outcome'])).toEqual(['sold', 'sold']);
  });

  it('lets seller and winners learn each other, and the loser nobody', () => {
    const learned = (name: string) => stepsOf(name, 'disclosed').map(({ data }) => data.counterparty?.username);
    expect(learned('hannah').toSorted()).toEqual(['ben', 'cleo']);
    expect(learned('ben')).toEqual(['hannah']);
    expect(learned('cleo')).toEqual(['hannah']);
    const heard = steps
      .filter(({ participant }) => participant === 'dora')
      .map((step) => JSON.stringify(step))
      .join();
    expect(heard).not.toMatch(/hannah|ben|cleo|mail\.example(?!.*dora)/);
  });

  it('leaves nothing behind', () => {
    expect(readdirSync(temporary)).toEqual([]);
  });
});

/** The next valid bid on the lot that is chosen, again where somebody was faster. Resolves with the lot's number. */
async function bidOnChosen(terminal: TestTerminal): Promise<string> {
  for (let tooLate = 0; ; tooLate++) {
    terminal.type('b');
    await terminal.shows(/> \/bid \d+ \d+\.00/);
    const number = /> \/bid (\d+)/.exec(terminal.text())?.[1] ?? '';
    terminal.type('\r');
    const isAccepted = () => /you bid \d+\.00 € on #\d+ .*receipt verified/.test(terminal.text());
    const isTooLate = () => (terminal.text().match(/:\d\d {2}Rejected/g) ?? []).length > tooLate;
    const isAsked = () => terminal.text().includes('y yes');
    await until('an answer', () => isAsked() || isAccepted() || isTooLate());
    if (isAsked()) terminal.type('y');
    await until('an answer', () => isAccepted() || isTooLate());
    if (isAccepted()) return number;
  }
}

describe('gavel start', { timeout: START_LIMIT_MS }, () => {
  it('ends with 1 and the reason where a server does not start', async () => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const io = { stdin, stdout, stderr, env: process.env, signal: new AbortController().signal };
    const code = await start({}, io, { runtime: process.execPath, file: join(project, 'no-such-file.ts') });
    expect(code).toBe(1);
    stderr.end();
    expect(await text(stderr)).toMatch(/^gavel start: gavel trusted-service did not start/);
  });

  it('keeps the state where it is asked to, and says where', async () => {
    const { errors, code } = await run(process.execPath, [gavel, 'start', '--keep']);
    expect(code).toBe(0);
    const kept = errors.trim().split(' ').at(-1) ?? '';
    expect(readdirSync(kept).toSorted()).toEqual(['dms', 'guests', 'logs', 'trusted-service']);
    rmSync(kept, { recursive: true });
  });

  it('on a terminal seats a newcomer in a living house, whose clock the newcomer may set', async () => {
    const env = { ...OF_ANOTHER_HOUSE, TMPDIR: temporary, HOME: temporary, GAVEL_OPERATOR_TOKEN_FILE: '/no/such/file' };
    const terminal = new TypedTerminal(['start', '--plain', '--username', 'nina'], env);
    try {
      await terminal.see(/SIM Connected to .+ as nina/);
      await terminal.see(/7 lots:/);
      await terminal.see(/"Brass desk lamp", .+ after \d+ bids?/);
      terminal.enter('/list "Lamp" 20.00 +2m');
      await terminal.see(/you offer #8 "Lamp"/);
      terminal.enter('/bid 1 200.00 --yes');
      await terminal.see(/Accepted: you bid 200\.00 EUR on #1/);
      await terminal.see(/Somebody bid 20\.00 EUR on #8 "Lamp"/);
      terminal.enter('/settime +1h');
      await terminal.see(/hannah@mail\.example/);
      await terminal.see(/New lot #\d+/);
      await terminal.see(/Somebody bid/);
      await until('what the winner had signed', () =>
        /The winner signed the bid of .+ "Lamp": opened/.test(terminal.text),
      );
      terminal.enter('/quit');
      expect(await terminal.end()).toBe(0);
      expect(terminal.text.match(/The time is now/g)).toHaveLength(1);
      expect(terminal.text).toMatch(/"Lamp" was sold for .+ The winner is (ben|cleo|dora)/);
      expect(readdirSync(temporary)).toEqual([]);
    } finally {
      terminal.close();
    }
  });

  it('on the screen lets a newcomer list, bid, be outbid, win and meet the seller', {
    timeout: 2 * START_LIMIT_MS,
  }, async () => {
    const env = { ...OF_ANOTHER_HOUSE, TMPDIR: temporary, HOME: temporary };
    const nina = await TestTerminal.open({ args: ['start', '--username', 'nina'], columns: 120, rows: 40, env });
    try {
      await nina.shows('● live');
      // The company is there before the newcomer, who reads what to try.
      await nina.shows(/7 lots[\s\S]*someone bid[\s\S]*Offer a lot +\/list[\s\S]*Let time pass +\/settime/);
      nina.type('/list "Reading lamp" 20.00 +2m\r');
      await nina.shows(/you offer #\d+ Reading lamp .*receipt verified/);
      await until('the tips to go', () => !nina.text().includes('Let time pass'));

      // The lot that ends last has room for more bids than one.
      nina.type(END_KEY);
      await nina.shows(/› .*Atlas, 2 volumes/);
      const number = await bidOnChosen(nina);
      await nina.shows(/Outbid on #\d+: .* b answers\. Atlas/);
      await nina.shows(/Atlas, 2 volumes.*▼/);

      // More than anybody in the company finds it worth.
      nina.type(`/bid ${number} 200.00\r`);
      await nina.shows(/y yes|you bid 200\.00 €/);
      if (nina.text().includes('y yes')) nina.type('y');
      await nina.shows(/you bid 200\.00 € on #\d+ .*receipt verified/);
      await nina.shows(/Atlas, 2 volumes.*★/);

      nina.type('/settime +1h\r');
      await nina.shows(/Atlas, 2 volumes.*★.*won/);
      nina.type('n');
      // The market below says both too: who presses the next key before the pane is there presses another one than he thinks.
      await nina.shows(/Notices[\s\S]*The seller of #\d+ Atlas, 2 volumes is hannah,\s+hannah@mail\.example/);
      await nina.shows(/Notices[\s\S]*(ben|cleo|dora), \1@mail\.example bought #\d+ Reading lamp/);
      nina.type('\u001B');
      await nina.shows(/LOT +PRICE/);
      await nina.shows(/someone offers #\d+/);
      await nina.shows('● live');

      nina.type('q');
      expect(await nina.exit()).toBe(0);
      expect([nina.screen, nina.titles, nina.clipboard]).toEqual(['normal', [], []]);
      expect(nina.text()).toMatch(/^\$ gavel client\nOpening the house …/);
      expect(readdirSync(temporary)).toEqual([]);
    } finally {
      await nina.close();
    }
  });
});
