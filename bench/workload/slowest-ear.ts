/** When the last of many connections had heard what was announced, from how far each of them was told. */

/** Everything up to `position` was told to everybody at `at`. */
interface Told {
  readonly position: number;
  at: number;
}

export class SlowestEar {
  /** In order of position. */
  #told: Told[] = [];

  /** Who had heard everything up to `from` has at `at` heard everything up to `to`. */
  hear(from: number, to: number, at: number): void {
    if (to <= from) return;
    let place = this.#told.length;
    for (; place > 0; place -= 1) {
      const told = this.#told[place - 1] as Told;
      if (told.position <= from) break;
      if (told.position <= to) told.at = Math.max(told.at, at);
    }
    while ((this.#told[place]?.position ?? Number.POSITIVE_INFINITY) < to) place += 1;
    if (this.#told[place]?.position !== to) this.#told.splice(place, 0, { position: to, at });
  }

  /** What was heard since the last time. */
  take(): (readonly [position: number, at: number])[] {
    const told = this.#told;
    this.#told = [];
    return told.map(({ position, at }) => [position, at] as const);
  }
}

/** When the last of all who heard had heard of a position; `undefined` where nobody told of so much. `ticks` is in order of position. */
export function lastHeardOf(
  ticks: Iterable<readonly (readonly [number, number])[]>,
  position: number,
): number | undefined {
  let last: number | undefined;
  for (const of of ticks) {
    const at = of[firstFrom(of, position)]?.[1];
    if (at !== undefined) last = Math.max(last ?? at, at);
  }
  return last;
}

function firstFrom(ticks: readonly (readonly [number, number])[], position: number): number {
  let [low, high] = [0, ticks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ticks[middle]?.[0] ?? 0) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}
