/** Durations as an operator writes them. */

const UNITS_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 24 * 3_600_000,
  w: 7 * 24 * 3_600_000,
};

/** `30m`, `12h`, `7d`, `2w` in milliseconds; `NaN` for every other text. */
export function parseDuration(text: string): number {
  const [, number, unit = ''] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  return Number(number) * (UNITS_MS[unit] ?? Number.NaN);
}
