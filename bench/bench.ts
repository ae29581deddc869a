/** What a measurement is given and what it gives. */
import type { Cores } from './cores.ts';
import type { Figure } from './report.ts';

export interface BenchSettings {
  readonly cores: Cores;
  /** For states and other files of the run; removed when it is over. */
  readonly folder: string;
  /** How long to measure, as a part of the usual: 1 for figures that count. */
  readonly scale: number;
  /** Interrupts the bench. */
  readonly signal: AbortSignal;
  /** A folder for profiles of the servers. */
  readonly profile: string | undefined;
}

/** One measurement and the figures that come out of it. */
export interface Bench {
  /** By which all its figures can be asked for. */
  readonly name?: string;
  readonly figures: readonly string[];
  /** So long that it is run only where one of its figures is asked for by name. */
  readonly onDemand?: boolean;
  measure(settings: BenchSettings): Promise<Figure[]>;
}
