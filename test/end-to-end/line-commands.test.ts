import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuctionClient } from '../../client/auction-client.ts';
import type { ClientOptions } from '../../client/options.ts';
import type { Amount } from '../../shared/wire/vocabulary.ts';
import { OPERATOR_TOKEN } from '../support/house-servers.ts';
import { answerTo, type Said, startLineProgram } from '../support/line-program.ts';
import { RunningHouse } from '../support/running-house.ts';
import { soon, until } from '../support/until.ts';

let house: RunningHouse;
let seller: AuctionClient;
beforeAll(async () => {
  house = await RunningHouse.start();
  seller = await house.enrolled('sam');
});
afterAll(() => house.close());

const HOME = () => join(house.home, 'line');

function start(options: ClientOptions = {}, env: Record<string, string> = {}) {
  return startLineProgram(options, {
    GAVEL_HOME: HOME(),
    GAVEL_TRUSTED_SERVICE_URL: house.serviceUrl,
    GAVEL_DMS_URL: house.dmsUrl,
    GAVEL_ROOT: `sha256:${house.root.sha256}`,
    GAVEL_USERNAME: 'bea',
    ...env,
  });
}

/** What these lines are answered with, in a run of their own, and the exit code. */
async function answersTo(lines: readonly string[], options: ClientOptions = {}, env: Record<string, string> = {}) {
  const program = start({ command: lines, ...options }, env);
  const exitCode = await soon('the end', program.exit);
  const said = program.said();
  return { exitCode, said, answers: lines.map((_line, index) => answerTo(said, index + 1)), program };
}

async function list(changes: object = {}): Promise<number> {
  const answer = await seller.list(house.terms({ startingPrice: 10_000, increment: 500, ...changes }));
  if (answer.outcome !== 'accepted') throw new Error(answer.reason);
  return answer.number;
}

const amountOf = (value: number) => value as Amount;

describe('the commands of a line client at a real house', () => {
  it('a first bid says beforehand who learns what and when, once per home', async () => {
    const number = await list();
    const { said, answers } = await answersTo([`/bid ${number} 100.00`, `/bid ${number} 105.00`]);
    expect(answers.map((answer) => answer?.type)).toEqual(['accepted', 'accepted']);
    const cautions = said.filter(({ data }) => data['of'] === 'caution');
    expect(cautions).toHaveLength(1);
    expect(said.indexOf(cautions[0]!)).toBeLessThan(said.indexOf(answers[0]!));
    expect((cautions[0]!.data['lines'] as string[]).join(' ')).toMatch(/Everybody learns its amount.*seller gets/);
    const again = await answersTo([`/bid ${await list()} 100.00`]);
    expect(again.said.filter(({ data }) => data['of'] === 'caution')).toEqual([]);
  });

  it('a bid that jumps is sent only with a yes', async () => {
    const number = await list();
    const { answers, exitCode } = await answersTo([`/bid ${number} 2000.00`]);
    expect(exitCode).toBe(2);
    expect(answers[0]).toMatchObject({
      type: 'error',
      data: { code: 'confirmation-missing', repeat: `/bid ${number} 2000.00 --yes` },
    });
    expect(seller.model.lots.values().find((lot) => lot.number === number)?.bids).toBe(0);
    const json = `{"id":"j","command":"bid","lot":${number},"amount":"2000.00","yes":true}`;
    const confirmed = await answersTo([json]);
    expect(confirmed.answers[0]).toMatchObject({ type: 'accepted', data: { amount: 200_000 } });
    expect(confirmed.exitCode).toBe(0);
  });

  it('shows one lot in full, with every announced bid though this client came after them', async () => {
    const number = await list({ title: 'Field camera', description: 'with a lens' });
    const other = await house.enrolled('otto');
    for (const amount of [10_000, 11_000]) await other.bid({ lot: number, amount: amountOf(amount) });
    await answersTo([`/bid ${number} 120.00`]);
    await other.bid({ lot: number, amount: amountOf(13_000) });
    const { answers, exitCode } = await answersTo([`/lot ${number}`, '/lot 999']);
    expect(answers[0]).toMatchObject({
      type: 'snapshot',
      data: {
        of: 'lot',
        lot: { number, title: 'Field camera', description: 'with a lens', standing: 'outbid', nextValidAmount: 13_500 },
        ownBids: [{ amount: 12_000 }],
        history: [
          { amount: 10_000, mine: false },
          { amount: 11_000, mine: false },
          { amount: 12_000, mine: true },
          { amount: 13_000, mine: false },
        ],
        isWhole: true,
        watched: false,
      },
    });
    expect(answers[1]).toMatchObject({ type: 'error', data: { code: 'lot-unknown' } });
    expect(exitCode).toBe(3);
  });

  it('a client that was started anew knows its bids, its watch list and its receipts', async () => {
    const number = await list();
    const first = await answersTo([`/bid ${number} 100.00`, `/watch ${number}`]);
    const accepted = first.answers[0]!.data;
    expect(first.answers[1]).toMatchObject({ data: { of: 'watch', changed: { number, watched: true } } });
    const { answers, exitCode } = await answersTo([
      '/mybids',
      '/watch',
      `/receipt ${number}`,
      `/receipt ${accepted['commandId']}`,
      '/receipt',
      `/watch ${number}`,
      '/watch',
    ]);
    const [mybids, watched, ofLot, ofCommand, all, toggled, none] = answers.map((answer) => answer!.data);
    expect(exitCode).toBe(0);
    expect((mybids!['lots'] as object[]).at(-1)).toMatchObject({
      number,
      standing: 'leading',
      ownBids: [{ amount: 10_000, position: accepted['position'] }],
    });
    expect(watched).toMatchObject({ lots: [{ number }] });
    expect(ofLot).toMatchObject({
      of: 'receipt',
      receipts: [{ command: 'bid', commandId: accepted['commandId'], number, amount: 10_000 }],
    });
    expect(ofCommand).toMatchObject({ receipts: [{ position: accepted['position'] }] });
    const [receipt] = ofCommand!['receipts'] as { file: string; checkpoint: { size: number }; position: number }[];
    expect(receipt!.checkpoint.size).toBeGreaterThanOrEqual(receipt!.position);
    expect(JSON.parse(await readFile(receipt!.file, 'utf8'))).toMatchObject({ position: receipt!.position });
    expect((all!['receipts'] as object[]).length).toBeGreaterThan(1);
    expect(toggled).toMatchObject({ changed: { watched: false } });
    expect(none).toMatchObject({ lots: [] });
    expect((await stat(join(HOME(), 'client', 'watched.json'))).mode & 0o777).toBe(0o600);
  });

  it('has no receipt for what it did not send, and none that was changed', async () => {
    const number = await list();
    const { answers, exitCode } = await answersTo([`/receipt ${number}`]);
    expect(answers[0]).toMatchObject({ type: 'error', data: { code: 'receipt-missing' } });
    expect(exitCode).toBe(2);
    const { answers: bids } = await answersTo([`/bid ${number} 100.00`, `/receipt ${number}`]);
    const [receipt] = bids[1]!.data['receipts'] as { file: string }[];
    const text = await readFile(receipt!.file, 'utf8');
    await writeFile(receipt!.file, text.replace('\\"amount\\":10000', '\\"amount\\":10001'));
    const changed = await answersTo([`/receipt ${number}`]);
    expect(changed.answers[0]).toMatchObject({ type: 'refused', data: { code: 'receipt-invalid' } });
    expect(changed.exitCode).toBe(6);
    await writeFile(receipt!.file, text);
  });

  it('audits the whole journal, or answers for one lot', async () => {
    const number = await list({ title: 'Atlas' });
    await answersTo([`/bid ${number} 100.00`]);
    const { answers, exitCode } = await answersTo(['/verify', `/verify ${number}`]);
    expect(exitCode).toBe(0);
    const [all, one] = answers.map((answer) => answer!.data);
    expect(all).toMatchObject({ of: 'verify', house: seller.house });
    expect(all!['records']).toBe((all!['checkpoint'] as { size: number }).size);
    expect((all!['lots'] as object[]).length).toBe(seller.model.lots.size);
    expect(one).toMatchObject({ lots: [{ number, title: 'Atlas', outcome: 'open', bids: 1 }] });
  });

  it('says who one is', async () => {
    const { answers } = await answersTo(['/identity']);
    expect(answers[0]).toMatchObject({
      type: 'snapshot',
      data: {
        of: 'identity',
        username: 'bea',
        subject: expect.stringMatching(/^[\w-]{43}$/),
        keyFingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        certificate: { serial: expect.stringMatching(/^[0-9a-f]+$/) },
        root: house.root.sha256,
        house: seller.house,
        dms: house.dmsUrl,
        home: join(HOME(), 'client'),
      },
    });
  });

  it('says in sentences what it says in JSON', async () => {
    const number = await list({ title: 'Lamp' });
    await answersTo([`/bid ${number} 100.00`]);
    const lines = [`/lot ${number}`, '/mybids', '/watch', `/receipt ${number}`, '/verify', '/identity'];
    const program = start({ json: false, plain: true, command: lines });
    expect(await soon('the end', program.exit)).toBe(0);
    const text = program.text();
    expect(text).toContain(`#${number} "Lamp", 100.00 EUR after 1 bid`);
    expect(text).toMatch(/you bid 100\.00 EUR \(position \d+\)\./);
    expect(text).toMatch(/You bid 100\.00 EUR on #\d+ "Lamp": position \d+ of \d+, .* Verified\./);
    expect(text).toMatch(/Verified: all \d+ records hold\./);
    expect(text).toContain('You are bea, known to the house as ');
    expect(text).not.toContain('undefined');
  });
});

describe('the clock of the house', () => {
  it('is set by whoever has the token of the operator, and by nobody else', async () => {
    const before = house.now();
    const without = await answersTo(['/settime +1h', '/resettime']);
    expect(without.answers.map((answer) => answer?.data['code'])).toEqual([
      'operator-token-missing',
      'operator-token-missing',
    ]);
    expect(without.exitCode).toBe(2);
    // Enrolling sends no token, or it would be refused as well.
    const env = {
      GAVEL_OPERATOR_TOKEN: 'x'.repeat(43),
      GAVEL_HOME: join(house.home, 'stranger'),
      GAVEL_USERNAME: 'eve',
    };
    const wrong = await answersTo(['/settime +1h'], {}, env);
    expect(wrong.answers[0]).toMatchObject({ type: 'refused', data: { code: 'operator-token-required' } });
    expect(wrong.exitCode).toBe(4);
    expect(house.now() - before).toBeLessThan(60_000);
  });

  it.each([
    ['/settime +1h', 3_600_000],
    ['{"id":"t","command":"settime","time":"+3d"}', 3 * 86_400_000],
  ])('%s', async (line, byMs) => {
    const operatorTokenFile = await tokenFile();
    const { answers, exitCode, said } = await answersTo([line, '/resettime'], { operatorTokenFile });
    expect(exitCode).toBe(0);
    expect(answers[0]).toMatchObject({ type: 'clock', data: { line: 1 } });
    expect(Math.abs((answers[0]!.data['byMs'] as number) - byMs)).toBeLessThan(30_000);
    expect((answers[1]!.data['byMs'] as number) < 0).toBe(true);
    // Whoever listens is told as well.
    expect(said.filter(({ type, data }: Said) => type === 'clock' && data['line'] === undefined)).not.toEqual([]);
  });

  it('takes a token from a file that its owner alone can read', async () => {
    const open = join(house.home, 'open-token');
    await writeFile(open, 'x', { mode: 0o644 });
    const program = start({ operatorTokenFile: open, command: ['/quit'] });
    expect(await program.exit).toBe(2);
    expect(program.complaints()).toMatch(/option-malformed.*chmod 600/);
    expect(program.text()).not.toContain(OPERATOR_TOKEN);
  });
});

describe('the stages of a command', () => {
  it('are told in order, and end with the verified receipt', async () => {
    const stages: string[] = [];
    const times: number[] = [];
    const result = await seller.list(house.terms(), {
      onProgress: ({ stage, afterMs }) => {
        stages.push(stage);
        times.push(afterMs);
      },
    });
    expect(result.outcome).toBe('accepted');
    expect(stages).toEqual(['signed', 'stamped', 'sealed', 'sent', 'answered', 'verified']);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    const number = await list();
    const noes: string[] = [];
    await seller.bid({ lot: number, amount: amountOf(20_000), onProgress: ({ stage }) => noes.push(stage) });
    expect(noes).toEqual(['signed', 'stamped', 'sealed', 'sent', 'answered']);
  });
});

async function tokenFile(): Promise<string> {
  const path = join(house.home, 'token');
  await writeFile(path, `${OPERATOR_TOKEN}\n`, { mode: 0o600 });
  return path;
}

describe('a client that was started anew', () => {
  const since = (said: readonly Said[]) => String((said[0]!.data as { position: number }).position);

  it('knows its own bid when it is told again', async () => {
    const number = await list();
    const { said } = await answersTo(['/quit']);
    await answersTo([`/bid ${number} 100.00`]);
    await until('the announcement', () => seller.model.lots.values().find((lot) => lot.number === number)?.bids === 1);
    const again = await answersTo(['/mybids'], { since: since(said) });
    const told = again.said.filter(({ type, data }) => type === 'bid' && data['number'] === number);
    expect(told.map(({ data }) => data['mine'])).toEqual([true]);
  });

  it('takes part though a receipt is damaged, and says so', async () => {
    const env = { GAVEL_HOME: join(house.home, 'damaged'), GAVEL_USERNAME: 'dan' };
    const number = await list();
    const { answers } = await answersTo([`/bid ${number} 100.00`, `/receipt ${number}`], {}, env);
    const [receipt] = answers[1]!.data['receipts'] as { file: string }[];
    await writeFile(receipt!.file, '{');
    const again = await answersTo([`/bid ${number} 105.00`, '/receipt'], {}, env);
    expect(again.answers.map((answer) => answer?.type)).toEqual(['accepted', 'error']);
    expect(again.said.find(({ type, data }) => type === 'error' && data['line'] === undefined)).toMatchObject({
      data: { code: 'home-unreadable' },
    });
  });
});
