/** What a soak says about growth: the slopes of memory and waiting, and which of them count. */
import type { Problem } from '../../bench/workload/audit/problem.ts';
import type { Figures } from './figures.ts';
import { judgeGrowthOf, type Sample, type Slope, slopeOf } from './slope.ts';

/** Less says nothing: what a process needs goes up and down by a hundred megabytes as garbage is collected. */
const LEAST_SPAN_MS = 10 * 60_000;
/** Of a process, in MB an hour. What a house keeps of a small house's records and lots of an hour is far below it. */
const MEMORY_PER_HOUR = 200;
/** Each client keeps every lot and the last bids of each, so that its process may grow by so many MB an hour for each. */
const MEMORY_PER_CLIENT = 10;
/** Of p99, in ms an hour. */
const WAITING_PER_HOUR = 50;

/** Tells all slopes. Returns those that count. `clientsIn` is how many there are in a process of this name. */
export function judgeGrowth(
  { memory, waiting }: Figures,
  clientsIn: (name: string) => number,
  say: (line: string) => void,
): Problem[] {
  const problems: Problem[] = [];
  const judge = (what: string, unit: string, samples: readonly Sample[], allowed: number) => {
    const slope = slopeOf(samples);
    const verdict = judgeGrowthOf(samples, allowed, LEAST_SPAN_MS);
    const words = `${what}: ${wordsOf(slope, unit)}, allowed ${allowed}: ${verdict}`;
    say(words);
    if (verdict === 'grows') problems.push({ rule: 'growth', detail: words });
  };
  const processes = Map.groupBy(memory, ({ life }) => life.slice(0, life.lastIndexOf(' ')));
  for (const [name, samples] of processes) {
    judge(`memory of ${name}`, 'MB', samples, MEMORY_PER_HOUR + MEMORY_PER_CLIENT * clientsIn(name));
  }
  judge('p99 while nothing was away', 'ms', waiting, WAITING_PER_HOUR);
  return problems;
}

function wordsOf(slope: Slope | undefined, unit: string): string {
  if (slope === undefined) return 'too few samples';
  const { perHour, error, mean, spanMs } = slope;
  return `${mean.toFixed(0)} ${unit} on average, ${signed(perHour)} ± ${error.toFixed(1)} ${unit} an hour over ${(spanMs / 60_000).toFixed(1)} min`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
}
