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
  /** The environment that every process of the bench gets; no setting of a house is in it. */
  readonly env: Environment;
  /** Whether a figure is asked for: a bench may leave out what nobody wants to see. */
  readonly isWanted: (name: string) => boolean;
  /** A PostgreSQL server on which databases can be made; absent: one of our own is started where one is needed. */
  readonly postgresUrl: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** One measurement and the figures that come out of it. */
export interface Bench {
  /** All benches of a group can be asked for by its name. */
  readonly group: string;
  readonly figures: readonly string[];
  /** So long that it is run only where its group or one of its figures is asked for by name. */
  readonly onDemand?: boolean;
  measure(settings: BenchSettings): Promise<Figure[]>;
}
