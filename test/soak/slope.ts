/** Whether something grows: least squares over samples, each life of a process with a level of its own. */

export interface Sample {
  /** Which life of what: only samples of one life are compared. */
  readonly life: string;
  readonly atMs: number;
  readonly value: number;
}

export interface Slope {
  /** In the unit of the values. */
  readonly perHour: number;
  /** Its standard error. */
  readonly error: number;
  readonly mean: number;
  /** How much time the samples cover, all lives together. */
  readonly spanMs: number;
}

const HOUR_MS = 3_600_000;

/** `undefined` where there are too few samples for any. */
export function slopeOf(samples: readonly Sample[]): Slope | undefined {
  const lives = [...Map.groupBy(samples, ({ life }) => life).values()].filter((life) => life.length > 1);
  const all = lives.flat();
  const freedom = all.length - lives.length - 1;
  if (freedom < 1) return undefined;
  const centred = lives.flatMap((life) => {
    const [at, value] = [meanOf(life.map(({ atMs }) => atMs)), meanOf(life.map((sample) => sample.value))];
    return life.map((sample) => ({ x: sample.atMs - at, y: sample.value - value }));
  });
  const sxx = sum(centred.map(({ x }) => x * x));
  if (sxx === 0) return undefined;
  const slope = sum(centred.map(({ x, y }) => x * y)) / sxx;
  const residual = sum(centred.map(({ x, y }) => (y - slope * x) ** 2));
  const spans = lives.map((life) => (life.at(-1)?.atMs ?? 0) - (life[0]?.atMs ?? 0));
  return {
    perHour: slope * HOUR_MS,
    error: Math.sqrt(residual / freedom / sxx) * HOUR_MS,
    mean: meanOf(all.map(({ value }) => value)),
    spanMs: sum(spans),
  };
}

export type Verdict = 'grows' | 'steady' | 'too short to say';

/**
 * Grows: by more than is allowed, even when three standard errors are taken off, and still so in the last third of each
 * life. A heap goes up in steps until it has the size that it needs; who leaks does not stop.
 */
export function judgeGrowthOf(samples: readonly Sample[], allowedPerHour: number, leastSpanMs: number): Verdict {
  const slope = slopeOf(samples);
  if (slope === undefined || slope.spanMs < leastSpanMs) return 'too short to say';
  const isGrowing = [slope, slopeOf(lastThirds(samples))].every(
    (one) => one !== undefined && one.perHour - 3 * one.error > allowedPerHour,
  );
  return isGrowing ? 'grows' : 'steady';
}

function lastThirds(samples: readonly Sample[]): Sample[] {
  return [...Map.groupBy(samples, ({ life }) => life).values()].flatMap((life) => {
    const [first, last] = [life[0]?.atMs ?? 0, life.at(-1)?.atMs ?? 0];
    return life.filter(({ atMs }) => atMs >= last - (last - first) / 3);
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function meanOf(values: readonly number[]): number {
  return sum(values) / values.length;
}
