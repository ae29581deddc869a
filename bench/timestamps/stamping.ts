/** How much of the server's speed is left when its answers are timestamps: tokens against constant bytes, in turns. */
import type { Bench } from '../bench.ts';
import type { TeamResult } from '../load/load-team.ts';
import { usageOf } from '../process-usage.ts';
import { against, compared, type Figure, judged } from '../report.ts';
import { median, percentile } from '../statistics.ts';
import { verifySamples } from './imprints.ts';
import { SIDES, type Side } from './sides.ts';
import { CONNECTIONS, openStage, type Stage } from './stage.ts';

/** Turns of each side. What else the machine does hits neighbours alike, and the median of the rounds forgets the worst. */
const ROUNDS = 40;
const TURN_MS = 500;
const ALONE_MS = 100;

/** Of the yardstick's speed, so much must be left; and so much more processor time per answer is the same. */
const LEAST_SPEED = 0.7;
const MOST_CPU = 1.43;
/** A server that was at work for less of a turn was kept waiting. */
const AT_WORK = 0.9;
/** Fewer rounds in which all servers were at work say nothing about speed. */
const ENOUGH_ROUNDS = 8;

export const stamping: Bench = {
  group: 'timestamps',
  figures: [
    'timestamp-tokens',
    'timestamp-tokens-in-bunches',
    'timestamp-cpu',
    'timestamp-cpu-in-bunches',
    'timestamp-p50',
    'timestamp-p99',
    'timestamp-alone',
    'timestamp-signatures',
  ],
  measure: async (settings) => {
    const stage = await openStage(settings);
    try {
      const turns = await takeTurns(stage, settings.scale);
      const { service } = turns;
      const samples = service.flatMap(({ loaded, alone }) => [...loaded.samples, ...alone.samples]);
      await verifySamples(samples, stage.service);
      const { pinned } = settings.cores;
      const setting = `${CONNECTIONS} connections, answers of ${stage.answerBytes} bytes, ${pinned ? 'one core for the server' : 'NOT PINNED'}`;
      const busy = median(service.map(({ busyShare }) => busyShare));
      const notes = [setting, `service busy ${Math.round(busy * 100)} %`, `${samples.length} tokens verified`];
      return [...comparisons(turns, notes.join(', ')), signatures(service)];
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

type Turns = Record<Side, readonly Turn[]>;

async function takeTurns(stage: Stage, scale: number): Promise<Turns> {
  const turns = { service: [] as Turn[], constant: [] as Turn[], together: [] as Turn[] };
  const order = Object.keys(turns) as Side[];
  for (let round = 0; round < ROUNDS * scale; round += 1) {
    for (const side of order) turns[side].push(await takeTurn(stage, side));
    // A machine that slows down or speeds up in the course of a round favours each side as often as another.
    order.reverse();
  }
  return turns;
}

async function takeTurn({ team, service, yardstick }: Stage, side: Side): Promise<Turn> {
  const { pid } = (side === 'service' ? service : yardstick).child;
  const before = usageOf(pid).cpuSeconds;
  const loaded = await team.run(side, TURN_MS);
  const used = usageOf(pid).cpuSeconds - before;
  const alone = await team.runAlone(side, ALONE_MS);
  const seconds = loaded.elapsedMs / 1_000;
  return { loaded, alone, cpuSeconds: used / loaded.latenciesMs.length, busyShare: used / seconds };
}

/**
 * What a busy server does in a second says how fast it is. Where it had to wait, for requests or because others had its
 * core, the second says how busy the others were. Processor time per answer says the same in every round.
 */
function comparisons(turns: Turns, note: string): Figure[] {
  const all = turns.service.map((_, round) => round);
  const atWork = all.filter((round) => Object.values(turns).every((side) => (side[round]?.busyShare ?? 0) >= AT_WORK));
  const enough = atWork.length >= ENOUGH_ROUNDS;
  const compare = (name: string, unit: string, measure: (turn: Turn) => number, beside: Side, rounds: number[]) =>
    compared({
      name: `timestamp-${name}`,
      unit,
      values: rounds.map((round) => measure(turns.service[round] as Turn)),
      yardstick: SIDES[beside].name,
      besides: rounds.map((round) => measure(turns[beside][round] as Turn)),
    });
  const perSecond = (name: string, beside: Side) => {
    const rate = compare(name, '1/s', ({ loaded }) => loaded.perSecond, beside, enough ? atWork : all);
    const told = enough ? `${rate.note}, in which all servers were at work` : `${rate.note}, TOO FEW of them at work`;
    return judged({ ...rate, note: `${told}; ${note}` }, enough ? { atLeast: LEAST_SPEED } : {});
  };
  const cpu = (name: string, beside: Side) =>
    judged(
      compare(name, 'µs', ({ cpuSeconds }) => cpuSeconds * 1e6, beside, all),
      { atMost: MOST_CPU },
    );
  const latency = (name: string, share: number) =>
    judged(
      compare(name, 'ms', ({ loaded }) => percentile(loaded.latenciesMs, share), 'constant', enough ? atWork : all),
    );
  return [
    perSecond('tokens', 'constant'),
    perSecond('tokens-in-bunches', 'together'),
    cpu('cpu', 'constant'),
    cpu('cpu-in-bunches', 'together'),
    latency('p50', 0.5),
    latency('p99', 0.99),
    judged(compare('alone', 'ms', ({ alone }) => percentile(alone.latenciesMs, 0.5), 'constant', all)),
  ];
}

function signatures(service: readonly Turn[]): Figure {
  const total = (count: (result: TeamResult) => number) => service.reduce((sum, { loaded }) => sum + count(loaded), 0);
  const perToken = total(({ marked }) => marked) / total(({ latenciesMs }) => latenciesMs.length);
  const note = `${(1 / perToken).toFixed(1)} tokens in a batch on average`;
  const measured = { name: 'timestamp-signatures', value: perToken, unit: 'per token' };
  return judged({ ...against(measured, 'one for each', 1), note }, { atMost: 0.2 });
}
