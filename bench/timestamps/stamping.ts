/** How much of the server's speed is left when its answers are timestamps: tokens against constant bytes, in turns. */
import type { Bench } from '../bench.ts';
import type { TeamResult } from '../load/load-team.ts';
import { usageOf } from '../process-usage.ts';
import { compared, type Figure, judged } from '../report.ts';
import { median, percentile } from '../statistics.ts';
import { verifySamples } from './imprints.ts';
import { CONNECTIONS, openStage, type Side, type Stage } from './stage.ts';

/** Turns of each side. What else the machine does hits neighbours alike, and the median of the pairs forgets the worst. */
const PAIRS = 12;
const TURN_MS = 2_000;
const ALONE_MS = 500;

const YARDSTICK = 'constant body';

export const stamping: Bench = {
  figures: [
    'timestamp-tokens',
    'timestamp-cpu',
    'timestamp-p50',
    'timestamp-p99',
    'timestamp-alone',
    'timestamp-signatures',
  ],
  measure: async (settings) => {
    const stage = await openStage(settings);
    try {
      const { service, yardstick } = await takeTurns(stage, settings.scale);
      const samples = service.flatMap(({ loaded, alone }) => [...loaded.samples, ...alone.samples]);
      await verifySamples(samples, stage.service);
      const { pinned } = settings.cores;
      const setting = `${CONNECTIONS} connections, answers of ${stage.answerBytes} bytes, ${pinned ? 'one core for the server' : 'NOT PINNED'}`;
      const busy = median(service.map(({ busyShare }) => busyShare));
      const notes = [setting, `service busy ${Math.round(busy * 100)} %`, `${samples.length} tokens verified`];
      return [...comparisons(service, yardstick, notes.join(', ')), signatures(service)];
    } finally {
      await stage.close();
    }
  },
};

/** One turn of one side. */
interface Turn {
  readonly loaded: TeamResult;
  /** The same server with one connection at work. */
  readonly alone: TeamResult;
  /** Processor time per answer under load, in seconds. */
  readonly cpuSeconds: number;
  /** The part of the time under load in which the server was at work. */
  readonly busyShare: number;
}

async function takeTurns(stage: Stage, scale: number): Promise<Record<Side, readonly Turn[]>> {
  const turns = { service: [] as Turn[], yardstick: [] as Turn[] };
  for (let pair = 0; pair < PAIRS; pair += 1) {
    // A machine that slows down or speeds up in the course of a pair favours each side as often as the other.
    const order = pair % 2 === 0 ? (['service', 'yardstick'] as const) : (['yardstick', 'service'] as const);
    for (const side of order) turns[side].push(await takeTurn(stage, side, scale));
  }
  return turns;
}

async function takeTurn({ team, ...servers }: Stage, side: Side, scale: number): Promise<Turn> {
  const { pid } = servers[side].child;
  const before = usageOf(pid).cpuSeconds;
  const loaded = await team.run(side, TURN_MS * scale);
  const used = usageOf(pid).cpuSeconds - before;
  const alone = await team.runAlone(side, ALONE_MS * scale);
  const seconds = loaded.elapsedMs / 1_000;
  return { loaded, alone, cpuSeconds: used / loaded.latenciesMs.length, busyShare: used / seconds };
}

function comparisons(service: readonly Turn[], yardstick: readonly Turn[], note: string): Figure[] {
  const compare = (name: string, unit: string, measure: (turn: Turn) => number) =>
    compared({ name, unit, values: service.map(measure), yardstick: YARDSTICK, besides: yardstick.map(measure) });
  const tokens = compare('timestamp-tokens', '1/s', ({ loaded }) => loaded.perSecond);
  return [
    judged({ ...tokens, note: `${tokens.note}; ${note}` }, { atLeast: 0.7 }),
    judged(compare('timestamp-cpu', 'µs', ({ cpuSeconds }) => cpuSeconds * 1e6)),
    judged(compare('timestamp-p50', 'ms', ({ loaded }) => percentile(loaded.latenciesMs, 0.5))),
    judged(compare('timestamp-p99', 'ms', ({ loaded }) => percentile(loaded.latenciesMs, 0.99))),
    judged(compare('timestamp-alone', 'ms', ({ alone }) => percentile(alone.latenciesMs, 0.5))),
  ];
}

function signatures(service: readonly Turn[]): Figure {
  const total = (count: (result: TeamResult) => number) => service.reduce((sum, { loaded }) => sum + count(loaded), 0);
  const perToken = total(({ marked }) => marked) / total(({ latenciesMs }) => latenciesMs.length);
  const beside = { name: 'one for each', value: 1 };
  const note = `${(1 / perToken).toFixed(1)} tokens in a batch on average`;
  const figure = { name: 'timestamp-signatures', value: perToken, unit: 'per token', beside, ratio: perToken, note };
  return judged(figure, { atMost: 0.2 });
}
