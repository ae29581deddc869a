/** Bots against a real house: in processes that are killed, stopped and started again, and in other languages. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AuctionClient } from '../../client/auction-client.ts';
import type { Decision } from '../../client/bots/decision.ts';
import type { Amount } from '../../shared/wire/vocabulary.ts';
import { Balancer } from '../support/balancer.ts';
import { readJournal } from '../support/journal-records.ts';
import { RunningHouse } from '../support/running-house.ts';
import { until } from '../support/until.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
/** A process takes its time to start on a machine that has more to do. */
const PATIENCE_MS = 30_000;
const TIMEOUT = { timeout: 120_000 };

interface Said {
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** A program in a process of its own. */
class Bot {
  readonly #child: ChildProcess;
  out = '';
  err = '';

  constructor(command: string, args: readonly string[], name: string, env: Record<string, string> = {}) {
    this.#child = spawn(command, args, { cwd: PROJECT, env: { ...environment(name), ...env } });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.err += text;
    });
    running.push(this.#child);
  }

  static run(name: string, args: readonly string[], env: Record<string, string> = {}): Bot {
    return new Bot(process.execPath, ['gavel.mjs', 'bot', ...args, '--json'], name, env);
  }

  said(type: string): Said[] {
    const lines = this.out.split('\n').slice(0, -1);
    return lines.map((line): Said => JSON.parse(line)).filter((said) => said.type === type);
  }

  says(type: string, count = 1): Promise<Said> {
    const look = () => {
      if (this.#child.exitCode !== null && this.said(type).length < count) throw new Error(`it ended: ${this.err}`);
      return this.said(type)[count - 1];
    };
    return until(`${type} of a bot`, look, PATIENCE_MS);
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const ended = once(this.#child, 'close');
    this.#child.kill(signal);
    await ended;
  }

  exit(): Promise<number> {
    return until(
      'the end of a bot',
      () => (this.#child.exitCode === null ? undefined : { code: this.#child.exitCode }),
      PATIENCE_MS,
    ).then(({ code }) => code);
  }
}

let house: RunningHouse;
let seller: AuctionClient;
const running: ChildProcess[] = [];
beforeAll(async () => {
  house = await RunningHouse.start();
  seller = await house.enrolled('hannah', { contact: 'hannah@mail.example' });
});
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});
afterAll(() => house.close());

const folderOf = (name: string) => join(house.home, 'bots', name);
const homeOf = (name: string) => join(folderOf(name), 'client', 'bots');

function environment(name: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    GAVEL_HOME: folderOf(name),
    GAVEL_USERNAME: name,
    GAVEL_TRUSTED_SERVICE_URL: house.serviceUrl,
    GAVEL_DMS_URL: house.dmsUrl,
    GAVEL_ROOT: `sha256:${house.root.sha256}`,
  };
}

function journalOf(name: string, strategy: string): Decision[] {
  const file = join(homeOf(name), `${strategy}.jsonl`);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line): Decision => JSON.parse(line));
}

async function offer(title: string, changes: object = {}) {
  const terms = house.terms({
    title,
    startingPrice: 10_000,
    increment: 500,
    closesAt: Math.round(house.now()) + 600_000,
    ...changes,
  });
  const answer = await seller.list(terms);
  if (answer.outcome !== 'accepted') throw new Error(answer.reason);
  return { lot: answer.lot, number: String(answer.number), closesAt: terms.closesAt };
}

const bidsOn = (lot: string) =>
  readJournal(house.journalFile).filter((record) => record.lot === lot && record.public.kind === 'bid');

describe('a proxy against a sniper', () => {
  it('bids no more than it has to, and keeps its maximum to itself', TIMEOUT, async () => {
    const { lot, number, closesAt } = await offer('Oak desk');
    mkdirSync(folderOf('paul'), { recursive: true, mode: 0o700 });
    const secret = join(folderOf('paul'), 'max');
    writeFileSync(secret, '300.00\n', { mode: 0o600 });
    const proxy = Bot.run('paul', ['proxy', '--lot', number, '--max-file', secret]);
    await proxy.says('accepted');
    const sniper = Bot.run('nina', ['sniper', '--lot', number, '--max', '250.00', '--last', '2m']);
    await sniper.says('hello');
    expect(sniper.said('accepted')).toEqual([]);
    await house.travelTo(closesAt - 90_000);
    await until(
      'the last word of the proxy',
      () => Number(bidsOn(lot).at(-1)?.public['amount' as never]) > 24_500,
      PATIENCE_MS,
    );
    await until(
      'the sniper at its limit',
      () => journalOf('nina', 'sniper').some((line) => line.type === 'blocked' && line.limit === 'max'),
      PATIENCE_MS,
    );
    await house.travelPastClosing(closesAt);
    expect(await Promise.all([proxy.exit(), sniper.exit()])).toEqual([0, 0]);

    const amounts = bidsOn(lot).map((record) => Number(record.public['amount' as never]));
    expect(amounts).toEqual(amounts.map((_, index) => 10_000 + 500 * index));
    expect(amounts.at(-1)).toBeLessThanOrEqual(25_500);
    expect(journalOf('paul', 'proxy').findLast((line) => line.type === 'closed')).toMatchObject({
      won: true,
      hammerPrice: amounts.at(-1),
    });
    expect(journalOf('nina', 'sniper').findLast((line) => line.type === 'closed')).toMatchObject({ won: false });
    for (const file of ['proxy.jsonl', `maxima/${house.house}.json`])
      expect(statSync(join(homeOf('paul'), file)).mode & 0o077).toBe(0);
    expect(JSON.parse(readFileSync(join(homeOf('paul'), `maxima/${house.house}.json`), 'utf8'))).toEqual({
      [lot]: 30_000,
    });
    expect(proxy.out + house.log.join()).not.toMatch(/30000|300\.00/);
  });
});

describe('a bot that is killed in the middle of a bid', () => {
  it.each(['answer', 'message'] as const)(
    'whose %s was lost asks again under the same id, and is bound once',
    TIMEOUT,
    async (lost) => {
      const name = `kim-${lost}`;
      const balancer = await Balancer.start(Number(new URL(house.dmsUrl).port));
      const args = ['increment', '--max', '100.00', '--budget', '150.00'];
      const first = Bot.run(name, args, { GAVEL_DMS_URL: balancer.url });
      await first.says('hello');
      const swallowed = balancer.swallow(lost);
      const { lot, closesAt } = await offer(`Camera of ${name}`);
      await swallowed;
      if (lost === 'answer') await until('its record', () => bidsOn(lot).length === 1);
      const [bidding, ...rest] = journalOf(name, 'increment').filter((line) => line.type !== 'started');
      expect([bidding, rest]).toMatchObject([{ type: 'bidding', lot, amount: 10_000 }, []]);
      await first.kill('SIGKILL');
      expect(bidsOn(lot)).toHaveLength(lost === 'answer' ? 1 : 0);
      // What a crash may leave behind.
      writeFileSync(join(homeOf(name), 'increment.jsonl'), '{"v":1,"ty', { flag: 'a' });

      const second = Bot.run(name, args, { GAVEL_DMS_URL: balancer.url });
      const accepted = await second.says('accepted');
      const { id } = bidding as Extract<Decision, { type: 'bidding' }>;
      expect(accepted.data).toMatchObject({ commandId: id, lot, amount: 10_000 });
      // The next one would be one too many: what was bid before the crash is known.
      const another = await offer(`Lamp of ${name}`);
      const blocked = await until(
        'what it does not do',
        () => journalOf(name, 'increment').find((line) => line.type === 'blocked' && line.lot === another.lot),
        PATIENCE_MS,
      );
      expect(blocked).toMatchObject({ limit: 'budget', amount: 10_000 });
      await second.kill('SIGTERM');
      expect(bidsOn(lot).map((record) => record.id)).toEqual([id]);
      expect(bidsOn(another.lot)).toEqual([]);
      await balancer.close();
      await house.travelPastClosing(closesAt);
    },
  );
});

describe('a bot', () => {
  it('ends when its stop file appears, and begins nothing while it is there', TIMEOUT, async () => {
    const bot = Bot.run('stan', ['increment', '--max', '100.00', '--budget', '900.00']);
    await bot.says('hello');
    const before = await offer('Before the stop');
    await bot.says('accepted');
    writeFileSync(join(homeOf('stan'), 'stop'), '');
    expect(await bot.exit()).toBe(0);
    expect(bot.said('bye')).toMatchObject([{ data: { reason: 'stopped', exitCode: 0 } }]);
    const after = await offer('After the stop');
    expect(await Bot.run('stan', ['increment', '--max', '100.00', '--budget', '900.00']).exit()).toBe(0);
    expect([bidsOn(before.lot).length, bidsOn(after.lot).length]).toEqual([1, 0]);
    expect(journalOf('stan', 'increment').filter(({ type }) => type === 'ended')).toMatchObject([
      { reason: 'stopped' },
      { reason: 'stopped' },
    ]);
    await house.travelPastClosing(after.closesAt);
  });

  it('is alone in its home', TIMEOUT, async () => {
    const first = Bot.run('solo', ['increment', '--max', '1.00', '--budget', '1.00']);
    await first.says('hello');
    const second = Bot.run('solo', ['increment', '--max', '1.00', '--budget', '1.00']);
    expect(await second.exit()).toBe(2);
    expect(second.said('error')).toMatchObject([{ data: { code: 'bot-running' } }]);
    await first.kill('SIGKILL');
    const third = Bot.run('solo', ['increment', '--max', '1.00', '--budget', '1.00']);
    await third.says('hello');
    await third.kill('SIGTERM');
  });

  it('on paper bids, wins, and sends nothing', TIMEOUT, async () => {
    const { lot, number, closesAt } = await offer('Paper boat');
    const bot = Bot.run('pia', ['increment', '--lot', number, '--max', '120.00', '--paper']);
    await bot.says('accepted');
    await seller.close().then(async () => {
      seller = await house.enrolled('hannah');
    });
    const rival = await house.enrolled('rita');
    await rival.bid({ lot, amount: 10_500 as Amount });
    expect((await bot.says('accepted', 2)).data).toMatchObject({ amount: 11_000 });
    await house.travelPastClosing(closesAt);
    expect(await bot.exit()).toBe(0);
    expect(journalOf('pia', 'increment.paper').findLast((line) => line.type === 'closed')).toMatchObject({
      won: true,
      hammerPrice: 11_000,
    });
    expect(bidsOn(lot)).toHaveLength(1);
  });
});

describe('a market', () => {
  it('has many who sell and bid, each with a home, until it is stopped', TIMEOUT, async () => {
    const args = [
      'market',
      '--participants',
      '4',
      '--lots',
      '5',
      '--rate',
      '20',
      '--factor',
      '20000',
      '--seed',
      'fair',
    ];
    const market = Bot.run('fair', args);
    await market.says('closed', 2);
    const stop = join(homeOf('fair'), 'stop');
    writeFileSync(stop, '');
    expect(await market.exit()).toBe(0);
    expect(market.said('bye')).toMatchObject([{ data: { reason: 'stopped' } }]);
    const accepted = market.said('accepted').map(({ data }) => data['command']);
    expect(accepted.filter((command) => command === 'list').length).toBeGreaterThanOrEqual(6);
    expect(accepted.filter((command) => command === 'bid').length).toBeGreaterThan(5);
    expect(new Set(market.said('bid').map(({ data }) => data['lot'])).size).toBeGreaterThan(1);
    const homes = [1, 2, 3, 4].map((number) =>
      join(folderOf('fair'), 'client/market', String(number), 'bots/market.jsonl'),
    );
    const journals = homes.map((file) => readFileSync(file, 'utf8'));
    expect(journals.filter((text) => text.includes('"type":"bidding"')).length).toBeGreaterThan(1);
    expect(journals.every((text) => text.includes('"reason":"stopped"'))).toBe(true);
  });
});

/** The examples of docs/BOTS.md, as they stand there. */
function example(language: string): string {
  const text = readFileSync(join(PROJECT, 'docs/BOTS.md'), 'utf8');
  return new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(text)?.[1] ?? '';
}

describe('the examples of docs/BOTS.md', () => {
  it('in TypeScript bids on what it is meant to', TIMEOUT, async () => {
    const file = join(house.home, 'my-bot.ts');
    writeFileSync(file, example('ts').replace('./client', join(PROJECT, 'client')));
    const wanted = await offer('A green lantern');
    const other = await offer('A red balloon');
    const bot = Bot.run('tess', [file, '--word', 'lantern', '--last', '1h', '--max', '120.00', '--budget', '120.00']);
    expect((await bot.says('accepted')).data).toMatchObject({ lot: wanted.lot, amount: 10_000 });
    await bot.kill('SIGTERM');
    expect(bidsOn(other.lot)).toEqual([]);
    await house.travelPastClosing(other.closesAt);
  });

  const python = ['python3', 'python'].find((name) => spawnSync(name, ['--version']).status === 0);
  if (python === undefined) process.stderr.write('SKIPPED: bots.test.ts needs Python for the example in it.\n');

  it.skipIf(python === undefined)('in Python bids, is outbid, bids again and wins', TIMEOUT, async () => {
    const { lot, number, closesAt } = await offer('A snake');
    const file = join(house.home, 'bot.py');
    writeFileSync(file, example('python'));
    const client = [process.execPath, 'gavel.mjs', 'client', '--json'];
    const bot = new Bot(python!, [file, number, '150.00', ...client], 'monty');
    await until('its first bid', () => bidsOn(lot).length === 1, PATIENCE_MS);
    const rival = await house.enrolled('rosa');
    await rival.bid({ lot, amount: 10_500 as Amount });
    await until('its second bid', () => bidsOn(lot).length === 3, PATIENCE_MS);
    await house.travelPastClosing(closesAt);
    expect([await bot.exit(), bot.out, bot.err]).toEqual([0, 'won 11000 from hannah\n', '']);
  });
});
