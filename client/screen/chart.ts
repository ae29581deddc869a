/** A price over time in Braille dots: two columns and four rows of dots in each cell. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The picture of a step function that holds each value until the next point, over the span `from` to `to`. */
export function stepChart(
  points: readonly Point[],
  size: { readonly width: number; readonly height: number },
  span: { readonly from: number; readonly to: number; readonly bottom: number; readonly top: number },
): string[] {
  const dots = new DotGrid(size.width, size.height);
  const { from, to, bottom, top } = span;
  const column = (x: number) => scaled(x, from, to, dots.columns);
  const row = (y: number) => dots.rows - 1 - scaled(y, bottom, top, dots.rows);
  for (const [index, { x, y }] of points.entries()) {
    const next = points[index + 1];
    const end = next === undefined ? dots.columns - 1 : column(next.x);
    for (let at = column(x); at <= end; at++) dots.set(at, row(y));
    // The step up to the next value.
    if (next !== undefined) {
      const [low, high] = [row(y), row(next.y)].sort((a, b) => a - b) as [number, number];
      for (let at = low; at <= high; at++) dots.set(end, at);
    }
  }
  return dots.lines();
}

function scaled(value: number, least: number, most: number, steps: number): number {
  if (most <= least) return 0;
  return Math.min(steps - 1, Math.max(0, Math.round(((value - least) / (most - least)) * (steps - 1))));
}

const DOTS_ACROSS = 2;
const DOTS_DOWN = 4;
const BLANK = 0x2800;
/** Bits of Unicode's Braille patterns, by column and row of the dot. */
const BITS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

class DotGrid {
  readonly columns: number;
  readonly rows: number;
  readonly #width: number;
  readonly #cells: Uint8Array;

  constructor(width: number, height: number) {
    this.#width = width;
    this.columns = width * DOTS_ACROSS;
    this.rows = height * DOTS_DOWN;
    this.#cells = new Uint8Array(width * height);
  }

  set(column: number, row: number): void {
    const cell = Math.floor(row / DOTS_DOWN) * this.#width + Math.floor(column / DOTS_ACROSS);
    const bit = BITS[column % DOTS_ACROSS]?.[row % DOTS_DOWN] ?? 0;
    this.#cells[cell] = (this.#cells[cell] ?? 0) | bit;
  }

  lines(): string[] {
    const text = Array.from(this.#cells, (bits) => (bits === 0 ? ' ' : String.fromCharCode(BLANK + bits)));
    const height = text.length / this.#width;
    return Array.from({ length: height }, (_, row) => text.slice(row * this.#width, (row + 1) * this.#width).join(''));
  }
}
