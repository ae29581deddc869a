/**
 * How many bids a house accepts in a second when there are always more: beside a server that does nothing, beside one that does
 * nothing but open and verify, and beside the cryptography alone.
 */
import type { BenchSettings } from '../bench.ts';
import { verdicts } from '../commands/verdicts.ts';
import { compared, type Figure, judged } from '../report.ts';
import { median, percentile } from '../statistics.ts';
import { Cryptography } from './cryptography.ts';
import { BIDDERS, LOTS } from './halls.ts';
import { type PipelineSide, YARDSTICKS, type Yardstick } from './messages.ts';
import { type Stage, type Turn, takeTurn } from './stage.ts';

export const SATURATION: readonly string[] = ['bids', 'bids-beside-verifying', 'verifying', 'bids-beside-cryptography'];

const ROUNDS = 20;
/** How long the bids of one turn are sent. Stamps are good for three seconds, and making them takes longer than sending. */
const TURN_MS = 700;
const YARDSTICK_MS = 400;
const CRYPTOGRAPHY_MS = 300;
/** Turns before it counts: programs get faster as they run. */
const WARM_UPS = 6;
/** More bids than a turn takes, so that its end is as busy as its beginning. */
const SPARE = 1.25;
const FIRST_COUNT = 600;
const LEAST_COUNT = 100;
/**
 * Bids under way on one lot: as many as keep the house busy, and so few that hardly one is overtaken by a higher one while
 * the two are verified side by side.
 */
const WINDOW = 2;

/** Of the empty server's speed, so much must be left. */
const LEAST_SPEED = 0.5;

interface Turns extends Record<PipelineSide, Turn[]> {
  readonly cryptography: number[];
}

export async function measureSaturation(
  stage: Stage,
  settings: BenchSettings,
): Promise<{ readonly saturation: Figure[]; readonly perSecond: number }> {
  const cryptography = new Cryptography();
  try {
    const turns = await takeTurns(stage, cryptography, settings);
    return { saturation: figures(turns, stage), perSecond: median(turns.house.map(acceptedPerSecond)) };
  } finally {
    await cryptography.stop();
  }
}

async function takeTurns(stage: Stage, loop: Cryptography, { scale, signal }: BenchSettings): Promise<Turns> {
  const turns: Turns = { house: [], empty: [], verifying: [], cryptography: [] };
  const takeHouseTurn = houseTurns(stage);
  const house = async () => {
    turns.house.push(await takeHouseTurn());
  };
  const yardstick = async (side: Exclude<PipelineSide, 'house'>) => {
    turns[side].push(await yardstickTurn(stage, side));
  };
  const cryptography = async () => {
    turns.cryptography.push(await loop.run(CRYPTOGRAPHY_MS));
  };
  const order = [house, () => yardstick('verifying'), () => yardstick('empty'), cryptography];
  const rounds = Math.max(1, ROUNDS * scale);
  for (let turn = 0; turn < Math.min(WARM_UPS, rounds); turn += 1) for (const one of order) await one();
  for (const list of Object.values(turns)) list.splice(0);
  for (let round = 0; round < rounds && !signal.aborted; round += 1) {
    for (const one of order) await one();
    // A machine that slows down or speeds up in the course of a round favours each side as often as another.
    order.reverse();
  }
  return turns;
}

/** Turns of the house, each with as many bids beforehand as the last one says that it needs. */
export function houseTurns(stage: Stage): () => Promise<Turn> {
  const { halls } = stage;
  let count = FIRST_COUNT;
  return async () => {
    await halls.prepare(count);
    const turn = await takeTurn(stage, 'house', () => halls.saturate('house', TURN_MS, WINDOW));
    count = LEAST_COUNT + Math.ceil((answeredPerSecond(turn) / 1_000) * TURN_MS * SPARE);
    return turn;
  };
}

/** A turn of a yardstick, to which the bids of the house's last turn are sent again. */
export function yardstickTurn(stage: Stage, side: Yardstick): Promise<Turn> {
  return takeTurn(stage, side, () => stage.halls.saturate(side, YARDSTICK_MS, WINDOW));
}

export function acceptedPerSecond({ accepted, from, to }: Turn): number {
  return (accepted / (to - from)) * 1_000;
}

export function answeredPerSecond({ answered, from, to }: Turn): number {
  return (answered / (to - from)) * 1_000;
}

function figures({ house, empty, verifying, cryptography }: Turns, { answerBytes }: Stage): Figure[] {
  const [unit, values] = ['1/s', house.map(acceptedPerSecond)];
  const atEmpty = { yardstick: YARDSTICKS.empty, besides: empty.map(answeredPerSecond) };
  const atVerifying = { yardstick: YARDSTICKS.verifying, besides: verifying.map(answeredPerSecond) };
  const beside = compared({ name: 'bids', unit, values, ...atEmpty });
  const besideVerifying = compared({ name: 'bids-beside-verifying', unit, values, ...atVerifying });
  const opened = compared({ name: 'verifying', unit, values: atVerifying.besides, ...atEmpty });
  const loop = compared({
    ...{ name: 'bids-beside-cryptography', unit, values },
    ...{ yardstick: 'cryptography alone, all cores', besides: cryptography },
  });
  const notes = [
    beside.note,
    `${BIDDERS} bidders who hear everything, ${LOTS} lots, ${WINDOW} bids under way on each`,
    verdicts(house),
    `answers of ${answerBytes} bytes, ${house.reduce((sum, { verified }) => sum + verified, 0)} receipts verified`,
    `house: ${costs(house)}`,
    `empty server: ${costs(empty)}`,
    'nothing pinned',
  ];
  return [
    judged({ ...beside, note: notes.join('; ') }, { atLeast: LEAST_SPEED }),
    judged(besideVerifying),
    judged({ ...opened, note: `${opened.note}; ${costs(verifying)}` }),
    judged(loop),
  ];
}

/** Where the time of a side goes: to the server and its main thread, and to those who load it. */
export function costs(turns: readonly Turn[]): string {
  const microseconds = (secondsOf: (turn: Turn) => number) =>
    Math.round(median(turns.map((turn) => (secondsOf(turn) / turn.answered) * 1e6)));
  const busy = median(turns.map(({ mainThreadSeconds, from, to }) => mainThreadSeconds / ((to - from) / 1_000)));
  const answered = turns.flatMap(({ answeredMs }) => answeredMs);
  const [p50, p99] = [0.5, 0.99].map((part) => percentile(answered, part).toFixed(1));
  return [
    `${microseconds(({ serverSeconds }) => serverSeconds)} µs of processor time each`,
    `${microseconds(({ mainThreadSeconds }) => mainThreadSeconds)} of them in its main thread, which was busy ${Math.round(busy * 100)} %`,
    `bidders ${microseconds(({ cpuSeconds }) => cpuSeconds)} µs`,
    `answered p50 ${p50} ms, p99 ${p99} ms`,
  ].join(', ');
}
