/** How many bids a house of one process accepts in a second, whole pipeline, beside a server that does nothing. */
import type { Bench, BenchSettings } from '../bench.ts';
import { verdicts } from '../commands/verdicts.ts';
import { usageOf } from '../process-usage.ts';
import { compared, type Figure, judged } from '../report.ts';
import { median, percentile } from '../statistics.ts';
import { BIDDERS, LOTS } from './halls.ts';
import type { Sent, Side } from './messages.ts';
import { type Closers, openStage, type Stage } from './stage.ts';

const ROUNDS = 12;
/** How long the bids of one turn are sent. Their stamps are good for three seconds, and making them takes longer than sending. */
const TURN_MS = 700;
const EMPTY_MS = 400;
const CRYPTOGRAPHY_MS = 300;
/** Turns before it counts: programs get faster as they run. */
const WARM_UPS = 6;
/** More bids than a turn takes, so that the last second of one is as busy as the first. */
const SPARE = 1.2;
const FIRST_COUNT = 600;
/** Bids under way on one lot. */
const WINDOW = 2;

/** Of the empty server's speed, so much must be left. */
const LEAST_SPEED = 0.5;

/** One turn of one side. */
interface Turn extends Sent {
  readonly perSecond: number;
  /** Of the server's process: processor time of all its threads, and of the main thread, in seconds. */
  readonly serverSeconds: number;
  readonly mainThreadSeconds: number;
}

interface Turns extends Record<Side, Turn[]> {
  readonly cryptography: number[];
}

export const bidding: Bench = {
  group: 'pipeline',
  figures: ['bids', 'bids-beside-cryptography'],
  onDemand: true,
  measure: async (settings) => {
    const closers: Closers = [];
    try {
      const stage = await openStage(settings, closers);
      return figures(await takeTurns(stage, settings), stage);
    } finally {
      for (const close of closers.toReversed()) await close();
    }
  },
};

async function takeTurns(stage: Stage, { scale, signal }: BenchSettings): Promise<Turns> {
  const turns: Turns = { house: [], empty: [], cryptography: [] };
  let count = FIRST_COUNT;
  const house = async () => {
    await stage.halls.prepare(count);
    const turn = await takeTurn(stage, 'house', TURN_MS);
    count = Math.ceil(turn.perSecond * (TURN_MS / 1_000) * SPARE);
    turns.house.push(turn);
  };
  const empty = async () => void turns.empty.push(await takeTurn(stage, 'empty', EMPTY_MS));
  const cryptography = async () => void turns.cryptography.push(await stage.cryptography.run(CRYPTOGRAPHY_MS));
  for (let turn = 0; turn < WARM_UPS; turn += 1) for (const one of [house, empty]) await one();
  turns.house.splice(0);
  turns.empty.splice(0);
  const order = [house, empty, cryptography];
  for (let round = 0; round < Math.max(1, ROUNDS * scale) && !signal.aborted; round += 1) {
    for (const one of order) await one();
    // A machine that slows down or speeds up in the course of a round favours each side as often as another.
    order.reverse();
  }
  return turns;
}

async function takeTurn({ halls, servers }: Stage, side: Side, ms: number): Promise<Turn> {
  const { pid } = servers[side];
  const before = usageOf(pid);
  const sent = await halls.saturate(side, ms, WINDOW);
  const after = usageOf(pid);
  const good = side === 'house' ? sent.accepted : sent.answered;
  return {
    ...sent,
    perSecond: (good / (sent.to - sent.from)) * 1_000,
    serverSeconds: after.cpuSeconds - before.cpuSeconds,
    mainThreadSeconds: after.mainThreadSeconds - before.mainThreadSeconds,
  };
}

function figures({ house, empty, cryptography }: Turns, { answerBytes }: Stage): Figure[] {
  const values = house.map(({ perSecond }) => perSecond);
  const beside = compared({
    ...{ name: 'bids', unit: '1/s', values },
    ...{ yardstick: 'empty Socket.IO server', besides: empty.map(({ perSecond }) => perSecond) },
  });
  const loop = compared({
    ...{ name: 'bids-beside-cryptography', unit: '1/s', values },
    ...{ yardstick: 'cryptography alone, all cores', besides: cryptography },
  });
  const notes = [
    beside.note,
    `${BIDDERS} bidders who hear everything, ${LOTS} lots, ${WINDOW} under way on each`,
    verdicts(house),
    `answers of ${answerBytes} bytes`,
    `house: ${costs(house)}`,
    `empty server: ${costs(empty)}`,
    'nothing pinned',
  ];
  return [judged({ ...beside, note: notes.join('; ') }, { atLeast: LEAST_SPEED }), judged(loop)];
}

/** Where the time of a side goes: to the server and its main thread, and to those who load it. */
function costs(turns: readonly Turn[]): string {
  const middle = (numberOf: (turn: Turn) => number) => median(turns.map(numberOf));
  const microseconds = (numberOf: (turn: Turn) => number) =>
    Math.round(middle((turn) => (numberOf(turn) / turn.answered) * 1e6));
  const main = middle((turn) => turn.mainThreadSeconds / ((turn.to - turn.from) / 1_000));
  const answered = turns.flatMap(({ answeredMs }) => answeredMs);
  const [p50, p99] = [0.5, 0.99].map((part) => percentile(answered, part).toFixed(1));
  return [
    `${microseconds(({ serverSeconds }) => serverSeconds)} µs of processor time each`,
    `${microseconds(({ mainThreadSeconds }) => mainThreadSeconds)} of them in its main thread, which was busy ${Math.round(main * 100)} %`,
    `bidders ${microseconds(({ cpuSeconds }) => cpuSeconds)} µs`,
    `answered p50 ${p50} ms, p99 ${p99} ms`,
  ].join(', ');
}
