/** What somebody feels at the terminal: how soon there is something, how soon a key is answered while fifty lots move, and what that costs. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { AuctionClient } from '../../client/auction-client.ts';
import type { Amount, Currency, Instant } from '../../shared/wire/vocabulary.ts';
import { House } from '../../start/house.ts';
import type { Bench, BenchSettings } from '../bench.ts';
import { usageOf } from '../process-usage.ts';
import { against, compared, type Figure, judged } from '../report.ts';
import { median, percentile } from '../statistics.ts';
import { MeasuredTerminal } from './measured-terminal.ts';

const GAVEL = fileURLToPath(new URL('../../gavel.mjs', import.meta.url));
/** What servers are started with, as `gavel start` does. */
const SERVER = fileURLToPath(new URL('../../gavel.ts', import.meta.url));
const run = promisify(execFile);
const LOTS = 50;
const UPDATES_PER_SECOND = 10;
/** All fifty lots are in sight. */
const LARGE = { columns: 120, rows: 90 };
const STARTS = 9;
const KEYS = 60;
const CPU_MS = 10_000;
const HOUR_MS = 3_600_000;
const SIZES = [
  [60, 16],
  [40, 12],
  [120, 40],
  [80, 24],
] as const;

export const terminal: Bench = {
  group: 'terminal',
  figures: [
    'terminal-help',
    'terminal-node',
    'terminal-first-frame',
    'terminal-keystroke',
    'terminal-cpu',
    'terminal-resize',
  ],
  onDemand: true,
  measure: async (settings) => {
    const help = await helpTimes(settings);
    const house = await House.open({
      launcher: { runtime: process.execPath, file: SERVER },
      home: settings.folder,
      clock: 'simulated',
      env: {},
    });
    try {
      return [...help, await firstFrames(house, settings), ...(await evening(house, settings))];
    } finally {
      await house.close();
    }
  },
};

/** In turns with a Node that has nothing to do: what no program can go below. */
async function helpTimes({ scale, signal }: BenchSettings): Promise<Figure[]> {
  const times: number[] = [];
  const floor: number[] = [];
  const once = async (args: readonly string[]) => {
    const before = performance.now();
    await run(process.execPath, args, { signal });
    return performance.now() - before;
  };
  await once([GAVEL, '--help']);
  for (let start = 0; start < rounds(STARTS, scale); start++) {
    floor.push(await once(['-e', '0']));
    times.push(await once([GAVEL, '--help']));
  }
  const name = 'terminal-help';
  const besides = { name: 'terminal-node', unit: 'ms', values: times, yardstick: 'Node alone', besides: floor };
  return [gate(name, median(times), 'ms', 100, spread(times)), judged(compared(besides))];
}

/** As somebody has it who has opened the screen before: the first start keeps what Node made of the sources. */
async function firstFrames(house: House, { scale }: BenchSettings): Promise<Figure> {
  const opened = async () => {
    const screen = open(house, { columns: 80, rows: 24 });
    const at = await screen.sees('a frame', (rows) => rows[0]?.includes('GAVEL') === true);
    await screen.sees('the house', (rows) => rows[0]?.includes('● live') === true);
    await screen.quit();
    return at - screen.startedAt;
  };
  const veryFirst = await opened();
  const times: number[] = [];
  for (let start = 0; start < rounds(STARTS, scale); start++) times.push(await opened());
  const note = `${spread(times)}; the one before them ${Math.round(veryFirst)} ms`;
  return gate('terminal-first-frame', median(times), 'ms', 400, note);
}

/** Fifty lots, ten bids a second, and one screen that shows them all. */
async function evening(house: House, { scale, signal }: BenchSettings): Promise<Figure[]> {
  const seller = await house.welcome('hannah', 'hannah@mail.example');
  const numbers = await offerLots(seller);
  const bidders = [await house.welcome('ben', 'ben@mail.example'), await house.welcome('cleo', 'cleo@mail.example')];
  const screen = open(house, LARGE);
  const over = new AbortController();
  try {
    await screen.sees(
      'every lot',
      (rows) => rows.filter((row) => /^.{3}\d+ +Lot of the bench/.test(row)).length === LOTS,
    );
    const bidding = keepBidding(bidders, numbers, AbortSignal.any([signal, over.signal]));
    const keys = await keystrokes(screen, rounds(KEYS, scale));
    const share = await cpuShare(screen, CPU_MS * Math.min(1, scale));
    const sizes = await resizes(screen);
    over.abort();
    const bids = await bidding;
    const load = `${LOTS} lots in sight, ${bids} bids at ${UPDATES_PER_SECOND}/s`;
    return [
      gate('terminal-keystroke', percentile(keys, 0.95), 'ms p95', 50, `${keys.length} keys, ${load}`),
      gate('terminal-cpu', share * 100, '% of a core', 15, load),
      gate('terminal-resize', Math.max(...sizes), 'ms at most', 200, `${sizes.length} sizes, one whole frame each`),
    ];
  } finally {
    over.abort();
    await screen.end();
  }
}

function open(house: House, size: { readonly columns: number; readonly rows: number }): MeasuredTerminal {
  const addresses = ['--trusted-service-url', house.trustedServiceUrl, '--dms-url', house.dmsUrl];
  const home = ['--root', house.rootFile, '--home', join(house.home, 'screen'), '--username', 'ann'];
  return new MeasuredTerminal(GAVEL, ['client', ...addresses, ...home], size);
}

async function offerLots(seller: AuctionClient): Promise<number[]> {
  const numbers: number[] = [];
  for (let lot = 0; lot < LOTS; lot++) {
    const answer = await seller.list({
      title: `Lot of the bench ${lot}`,
      currency: 'EUR' as Currency,
      startingPrice: 100 as Amount,
      increment: 1 as Amount,
      closesAt: (seller.time().at + HOUR_MS + lot * 1_000) as Instant,
    });
    if (answer.outcome === 'accepted') numbers.push(answer.number);
  }
  return numbers;
}

/** Resolves with how many bids there were. */
async function keepBidding(
  bidders: readonly AuctionClient[],
  lots: readonly number[],
  signal: AbortSignal,
): Promise<number> {
  const sent: Promise<unknown>[] = [];
  for (let bid = 0; !signal.aborted; bid++) {
    const [bidder, lot] = [bidders[bid % bidders.length], lots[bid % lots.length]];
    const amount = (100 + Math.floor(bid / lots.length) * 10) as Amount;
    if (bidder !== undefined && lot !== undefined) sent.push(bidder.bid({ lot, amount }));
    await pause(1_000 / UPDATES_PER_SECOND);
  }
  await Promise.all(sent);
  return sent.length;
}

/** From the key to the sight of it. */
async function keystrokes(screen: MeasuredTerminal, count: number): Promise<number[]> {
  const times: number[] = [];
  let line = '';
  for (let key = 0; key < count; key++) {
    const typed = line === '' ? 'x' : String(key % 10);
    line += typed;
    const before = performance.now();
    screen.pty.write(typed);
    const wanted = `> ${line}`;
    times.push((await screen.sees(wanted, (rows) => rows.some((row) => row.startsWith(wanted)))) - before);
    // No rhythm in common with the market's.
    await pause(73);
  }
  return times;
}

async function cpuShare({ pty }: MeasuredTerminal, ms: number): Promise<number> {
  const [before, at] = [usageOf(pty.pid).cpuSeconds, performance.now()];
  await pause(ms);
  return (usageOf(pty.pid).cpuSeconds - before) / ((performance.now() - at) / 1_000);
}

/** Until a frame of the new size stands, and nothing of the one before. */
async function resizes(screen: MeasuredTerminal): Promise<number[]> {
  const times: number[] = [];
  for (const [columns, rows] of SIZES) {
    const before = performance.now();
    screen.resize(columns, rows);
    const isWhole = (lines: readonly string[]) => {
      const prompts = lines.filter((line) => line.startsWith('> ')).length;
      const heads = lines.filter((line) => line.includes('PRICE')).length;
      const rules = lines.filter((line) => /^─+$/.test(line));
      return prompts === 1 && heads === 1 && rules.every((line) => line.length === columns);
    };
    times.push((await screen.sees(`a frame of ${columns}×${rows}`, isWhole)) - before);
    await pause(300);
  }
  return times;
}

function gate(name: string, value: number, unit: string, asked: number, note: string): Figure {
  return judged({ ...against({ name, value, unit }, 'what may pass', asked), note }, { atMost: 1 });
}

function spread(times: readonly number[]): string {
  return `${times.length} starts, ${Math.round(Math.min(...times))} to ${Math.round(Math.max(...times))} ms`;
}

function rounds(usual: number, scale: number): number {
  return Math.max(1, Math.round(usual * scale));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
