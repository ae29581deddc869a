/** What the bench says: one figure per line, each beside its own yardstick. The form is what `--json` prints. */
import { z } from 'zod';
import { median } from './statistics.ts';

export const Figure = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  value: z.number(),
  unit: z.string(),
  /** The yardstick, measured in the same run. */
  beside: z.strictObject({ name: z.string(), value: z.number() }),
  /** How the two compare; from pairs of neighbouring measurements, so not always the quotient of the two medians. */
  ratio: z.number(),
  /** What is asked of the ratio or of the difference, or 'stated' where nothing is. */
  target: z.string(),
  /** Whether the target is met; null where nothing is asked. */
  holds: z.boolean().nullable(),
  /** What else has to be known to read the figure: spread, size, load. */
  note: z.string().optional(),
});
export type Figure = z.infer<typeof Figure>;

export const Report = z.strictObject({
  machine: z.strictObject({ cores: z.int().min(1), node: z.string() }),
  figures: z.array(Figure),
});
export type Report = z.infer<typeof Report>;

/** What is asked of a figure's ratio, or of what it has more than its yardstick, in its own unit. */
export interface Target {
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly atMostMore?: number;
}

/** A figure and what its target says about it. */
export function judged(
  measured: Omit<Figure, 'target' | 'holds'>,
  { atLeast, atMost, atMostMore }: Target = {},
): Figure {
  if (atLeast !== undefined) return { ...measured, target: `≥ ${atLeast}`, holds: measured.ratio >= atLeast };
  if (atMost !== undefined) return { ...measured, target: `≤ ${atMost}`, holds: measured.ratio <= atMost };
  if (atMostMore !== undefined) {
    const holds = measured.value - measured.beside.value <= atMostMore;
    return { ...measured, target: `≤ ${atMostMore} ${measured.unit} more`, holds };
  }
  return { ...measured, target: 'stated', holds: null };
}

/** A figure and its yardstick, of one number each. */
export function against(
  measured: Pick<Figure, 'name' | 'value' | 'unit'>,
  yardstick: string,
  beside: number,
): Omit<Figure, 'target' | 'holds'> {
  return { ...measured, beside: { name: yardstick, value: beside }, ratio: measured.value / beside };
}

/** A figure and its yardstick from measurements in turns. The ratio is the median of the rounds', the note their spread. */
export function compared(measured: {
  readonly name: string;
  readonly unit: string;
  readonly values: readonly number[];
  readonly yardstick: string;
  readonly besides: readonly number[];
}): Omit<Figure, 'target' | 'holds'> & { readonly note: string } {
  const { name, unit, values, yardstick, besides } = measured;
  const ratios = values.map((value, index) => value / (besides[index] ?? Number.NaN));
  const [least, middle, most] = [Math.min(...ratios), median(ratios), Math.max(...ratios)];
  const note = `${ratios.length} rounds, ratio ${least.toFixed(2)} to ${most.toFixed(2)}`;
  return {
    name,
    value: median(values),
    unit,
    beside: { name: yardstick, value: median(besides) },
    ratio: middle,
    note,
  };
}
