import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AuctionClient } from '../../client/auction-client.ts';
import type { Amount } from '../../shared/wire/vocabulary.ts';
import { Title } from '../../shared/wire/vocabulary.ts';
import { Balancer } from '../support/balancer.ts';
import { RunningHouse } from '../support/running-house.ts';
import { openScreen, type ScreenClientOptions } from '../support/screen-client.ts';
import type { TestTerminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';
import naughtyStrings from '../vectors/naughty-strings/blns.json' with { type: 'json' };

let house: RunningHouse;
let ben: AuctionClient;
beforeAll(async () => {
  house = await RunningHouse.start();
  ben = await house.enrolled('ben', { contact: 'ben@mail.example' });
});
afterAll(() => house.close());

const open: TestTerminal[] = [];
afterEach(async () => {
  for (const terminal of open.splice(0)) await terminal.close();
});

async function screenOf(name: string, options?: ScreenClientOptions): Promise<TestTerminal> {
  const terminal = await openScreen(house, name, options);
  open.push(terminal);
  await terminal.shows(/● .*live|● live/);
  return terminal;
}

async function offer(title: string): Promise<number> {
  const answer = await ben.list(
    house.terms({ title, startingPrice: 10_000, increment: 100, closesAt: Math.round(house.now()) + 3_600_000 }),
  );
  if (answer.outcome !== 'accepted') throw new Error(`${title} was not listed: ${answer.reason}`);
  return answer.number;
}

/** Ctrl+U */
const CLEAR_LINE = '\u0015';
const END = '\u001B[F';

/** As a shell would find it: the first screen with its lines, a cursor to see, whole keys, no paste marks, lines that wrap. */
function expectSane(terminal: TestTerminal): void {
  expect(terminal.screen).toBe('normal');
  expect(terminal.rows()[0]).toBe('$ gavel client');
  expect(terminal.modes.bracketedPasteMode).toBe(false);
  expect(terminal.modes.wraparoundMode).toBe(true);
  expect(terminal.modes.mouseTrackingMode).toBe('none');
  expect(terminal.raw.lastIndexOf('\u001B[?25h')).toBeGreaterThan(terminal.raw.lastIndexOf('\u001B[?25l'));
  // Nothing that was above is wiped.
  expect(terminal.raw).not.toContain('\u001B[3J');
  expect(terminal.raw).not.toMatch(/\[\?100[0236]h/);
}

describe('a terminal that was lent to the screen', { timeout: 120_000 }, () => {
  it.each([
    ['q', 0, (terminal: TestTerminal) => terminal.type('q')],
    ['Ctrl+C', 130, (terminal: TestTerminal) => terminal.type('\u0003')],
    ['SIGTERM', 143, (terminal: TestTerminal) => terminal.pty.kill('SIGTERM')],
    ['SIGHUP', 129, (terminal: TestTerminal) => terminal.pty.kill('SIGHUP')],
  ])('is as it was after %s, with exit code %i', async (_what, code, end) => {
    const terminal = await screenOf('ann');
    end(terminal);
    expect(await terminal.exit()).toBe(code);
    expectSane(terminal);
  });

  it.each(['thrown', 'a promise nobody waits for'])(
    'is as it was after a mistake of ours, %s, whose trace is readable',
    async (how) => {
      const mistake =
        how === 'thrown' ? "throw new Error('we are wrong')" : "Promise.reject(new Error('we are wrong'))";
      const hook = `process.on('SIGUSR2', function ourMistake() { ${mistake} })`;
      const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}` };
      const terminal = await screenOf('ann', { env });
      terminal.pty.kill('SIGUSR2');
      expect(await terminal.exit()).toBe(1);
      expectSane(terminal);
      expect(terminal.text()).toMatch(/Error: we are wrong\n +at .*ourMistake/);
    },
  );

  it('is as it was after an error, which is said on it', async () => {
    const terminal = await openScreen(house, 'eve', { dmsUrl: 'https://127.0.0.1:1' });
    open.push(terminal);
    expect(await terminal.exit()).toBe(5);
    expectSane(terminal);
    expect(terminal.text()).toContain('gavel: dms-unreachable');
  });
});

describe('the screen', { timeout: 120_000 }, () => {
  it('is one frame at every size, without a ghost of the one before', async () => {
    await offer('Oak desk, 1920');
    const terminal = await screenOf('ann');
    await terminal.shows('Oak desk');
    terminal.type('/bid 1 1');
    await terminal.shows('> /bid 1 1');
    for (const [columns, rows] of [
      [60, 16],
      [40, 12],
      [120, 40],
      [80, 24],
    ] as const) {
      terminal.resize(columns, rows);
      await until(`a frame of ${columns}×${rows}`, () => {
        const lines = terminal.rows();
        const prompts = lines.filter((line) => line.startsWith('> /bid 1 1')).length;
        const heads = lines.filter((line) => line.includes('PRICE')).length;
        const statuses = lines.filter((line) => line.includes('● live')).length;
        const rules = lines.filter((line) => /^─+$/.test(line));
        const isWhole = rules.every((line) => line.length === columns) && rules.length === (rows >= 20 ? 2 : 0);
        return prompts === 1 && heads === 1 && statuses === 1 && isWhole && lines[0]?.includes('● live') === true;
      }).catch((error) => {
        throw new Error(`${error.message}\n${terminal.text()}`);
      });
      const prompt = terminal.rows().findIndex((line) => line.startsWith('> /bid'));
      await until('the cursor', () => terminal.cursor.y === prompt && terminal.cursor.x === 10);
    }
  });

  it('has no colour codes with NO_COLOR, and says all the same what matters', async () => {
    const number = await offer('Grey lamp');
    const terminal = await screenOf('ann', { env: { NO_COLOR: '1' } });
    await terminal.shows('Grey lamp');
    await until('the answer', async () => {
      terminal.type(`/bid ${number} 100.00\r`);
      await terminal.shows(/y yes|leading/);
      return true;
    });
    if (terminal.text().includes('y yes')) terminal.type('y');
    await terminal.shows(/Grey lamp.*★.*leading/);
    const cleo = await house.enrolled('cleo');
    await cleo.bid({ lot: number, amount: 20_000 as Amount });
    await terminal.shows(/Grey lamp.*▼.*outbid/);
    await terminal.settled();
    expect(terminal.rows().some((line) => line.startsWith('›'))).toBe(true);
    expect(terminal.raw).not.toMatch(new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`));
  });

  it('shows text by others as text: no title, no clipboard, no other row changes', async () => {
    const osc = String.fromCharCode(27, 93);
    const hostile = [
      ...naughtyStrings,
      `${osc}0;owned\u0007`,
      `${osc}52;c;b3duZWQ=\u0007`,
      'wide 日本語 👩‍👩‍👧 Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢',
      '\u202Egnisrever',
    ];
    const titles = hostile.filter((text) => Title.safeParse(text.normalize('NFC').trim()).success).slice(-60);
    expect(titles.length).toBeGreaterThan(30);
    const terminal = await screenOf('ann', { columns: 100, rows: 40 });
    for (const title of titles) await offer(title.normalize('NFC').trim());
    await terminal.shows(/someone offers #\d+/);
    for (let page = 0; page < 12; page++) {
      terminal.type('\u001B[6~');
      await terminal.settled();
      const lines = terminal.rows();
      expect(lines[0]).toMatch(/^ GAVEL {4}● live/);
      expect(lines.filter((line) => /^─{100}$/.test(line))).toHaveLength(2);
      expect(lines.filter((line) => line.startsWith('> '))).toHaveLength(1);
    }
    expect([terminal.titles, terminal.clipboard]).toEqual([[], []]);
  });

  it('loses no key while bids are announced as fast as the house takes them', async () => {
    const numbers = await Promise.all(Array.from({ length: 8 }, (_, index) => offer(`Busy lot ${index}`)));
    const cleo = await house.enrolled('cleo');
    const terminal = await screenOf('ann');
    const over = new AbortController();
    let announced = 0;
    const stop = cleo.on('announcement', () => {
      announced++;
    });
    const bidding = numbers.map(async (lot) => {
      for (let amount = 10_000; !over.signal.aborted; amount += 100) await cleo.bid({ lot, amount: amount as Amount });
    });
    const typed = '/list "A very long title of a lot, typed in one go" 100.00 +10m';
    // Typed again and again until as much was announced as in five seconds of sixty a second.
    while (announced < 300) {
      for (const key of typed) {
        terminal.type(key);
        await terminal.settled();
      }
      await terminal.shows('typed in one go" 100.00 +10m');
      expect(terminal.rows().filter((line) => line.startsWith('> '))).toEqual([`> ${typed}`]);
      terminal.type(CLEAR_LINE);
      await until('the empty prompt', () => terminal.rows().some((line) => line.trim() === '>'));
    }
    over.abort();
    await Promise.all(bidding);
    stop();
  });
});

describe('a link that is cut for five seconds', { timeout: 120_000 }, () => {
  it('is told within a second, keeps what is typed, and loses no event and doubles no bid', async () => {
    const balancer = await Balancer.start(Number(new URL(house.dmsUrl).port));
    try {
      const number = await offer('Cut lot');
      const terminal = await screenOf('dan', { dmsUrl: balancer.url, rows: 40 });
      // It ends last of all that are offered here.
      terminal.type(END);
      await terminal.shows(/› .*Cut lot/);
      balancer.point();
      balancer.cut();
      await terminal.shows('CONNECTION LOST', 1_000);
      const cutAt = performance.now();

      terminal.type(`/bid ${number} 150.00`);
      await terminal.shows(`> /bid ${number} 150.00`);
      terminal.type('\r');
      await terminal.shows('y yes');
      terminal.type('y');
      await terminal.shows('waiting for the connection');
      const cleo = await house.enrolled('cleo');
      for (const amount of [10_000, 11_000, 12_000]) await cleo.bid({ lot: number, amount: amount as Amount });
      await until('five seconds', () => performance.now() - cutAt > 5_000);

      balancer.point(Number(new URL(house.dmsUrl).port));
      await terminal.shows(/you bid 150\.00 € on #\d+ .*receipt verified/);
      for (const amount of ['100.00', '110.00', '120.00']) await terminal.shows(`someone bid ${amount} €`);
      await terminal.shows('● live');
      expect(terminal.text()).not.toContain('CONNECTION LOST');
      const lot = await ben.findLot(number);
      await until('the bid', () => ben.model.lots.get(lot!.lot)?.leading?.amount === 15_000);
      expect(ben.model.lots.get(lot!.lot)?.bids).toBe(4);
    } finally {
      await balancer.close();
    }
  });
});
