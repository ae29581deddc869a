/** What is counted while a soak runs, and the line that tells of it every few seconds. */
import { percentile } from '../../bench/statistics.ts';
import type { Outcome } from '../../bench/workload/orders.ts';
import type { Sample } from './slope.ts';

/** A process that is looked at. */
export interface Watched {
  readonly name: string;
  readonly restarts: number;
  readonly residentBytes: number | undefined;
  /** Since its last start. */
  readonly ageMs: number;
}

/** A process that has just started fills its caches; from then on what it needs is looked at. */
const SETTLED_MS = 4 * 60_000;
const MEGABYTE = 1_048_576;

export class Figures {
  accepted = 0;
  readonly rejected = new Map<string, number>();
  /** Neither accepted nor rejected, by what became of them. */
  readonly others = new Map<string, number>();
  readonly memory: Sample[] = [];
  /** The p99 of each line in which nothing was away, in ms. */
  readonly waiting: Sample[] = [];
  #window: number[] = [];
  #acceptedBefore = 0;

  /** `ms` is from the moment at which it was to be asked to its answer. */
  take({ outcome, reason = '' }: Outcome, ms: number): void {
    if (outcome === 'accepted') this.accepted += 1;
    else if (outcome === 'rejected') count(this.rejected, reason);
    else if (outcome !== 'answered') count(this.others, reason === '' ? outcome : `${outcome} ${reason}`);
    if (outcome !== 'absent') this.#window.push(ms);
  }

  /** Ends the window. `isQuiet`: everybody was there all the time. */
  line(atMs: number, windowMs: number, watched: readonly Watched[], isQuiet: boolean): string {
    const window = this.#window;
    this.#window = [];
    const perSecond = ((this.accepted - this.#acceptedBefore) * 1_000) / windowMs;
    this.#acceptedBefore = this.accepted;
    const p99 = window.length === 0 ? undefined : percentile(window, 0.99);
    if (isQuiet && p99 !== undefined) this.waiting.push({ life: 'all', atMs, value: p99 });
    for (const { name, restarts, residentBytes, ageMs } of watched) {
      if (residentBytes !== undefined && ageMs >= SETTLED_MS)
        this.memory.push({ life: `${name} ${restarts}`, atMs, value: residentBytes / MEGABYTE });
    }
    return [
      clock(atMs),
      `accepted ${this.accepted} (${perSecond.toFixed(1)}/s)`,
      `rejected ${total(this.rejected)}${listed(this.rejected)}`,
      `others ${total(this.others)}${listed(this.others)}`,
      `p99 ${p99 === undefined ? '–' : Math.round(p99)} ms${isQuiet ? '' : ' (something was away)'}`,
      watched.map(wordsOf).join(', '),
    ].join('  ');
  }
}

function wordsOf({ name, restarts, residentBytes }: Watched): string {
  const memory = residentBytes === undefined ? 'away' : `${Math.round(residentBytes / MEGABYTE)} MB`;
  return `${name} ${memory} ×${restarts}`;
}

/** Minutes and seconds. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function total(counts: ReadonlyMap<string, number>): number {
  return counts.values().reduce((sum, one) => sum + one, 0);
}

function listed(counts: ReadonlyMap<string, number>): string {
  const parts = [...counts].toSorted(([, one], [, other]) => other - one).map(([name, many]) => `${name} ${many}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
