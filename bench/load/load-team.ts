/** Several load processes that work as one. */
import { fileURLToPath } from 'node:url';
import { Child } from '../child.ts';
import type { Pinning } from '../cores.ts';
import type { LoadAnswer, LoadQuestion, LoadResult, LoadTarget } from './messages.ts';

/** What all processes together saw in one run. */
export interface TeamResult extends LoadResult {
  readonly perSecond: number;
}

export class LoadTeam {
  readonly #members: readonly Child[];

  constructor(size: number, pinning: Pinning, signal: AbortSignal) {
    const file = fileURLToPath(new URL('./main.ts', import.meta.url));
    this.#members = Array.from({ length: size }, () => new Child({ pinning, file, signal }));
  }

  /** Opens the target's connections, shared out among the processes. */
  async open(target: LoadTarget): Promise<void> {
    const size = this.#members.length;
    await Promise.all(
      this.#members.map((member, index) => {
        const connections = Math.floor((target.connections + index) / size);
        // Each begins elsewhere, so that no two send the same at the same time.
        const start = Math.floor((index * target.bodies.length) / size);
        const bodies = [...target.bodies.slice(start), ...target.bodies.slice(0, start)];
        return member.ask<LoadQuestion, LoadAnswer>({ type: 'open', target: { ...target, connections, bodies } });
      }),
    );
  }

  /** Loads an opened target for so long, by all of its connections. */
  async run(target: string, ms: number): Promise<TeamResult> {
    const question = { type: 'run', target, ms } as const;
    return together(await Promise.all(this.#members.map((member) => member.ask<LoadQuestion, LoadResult>(question))));
  }

  /** Asks an opened target for so long over one connection, one request at a time. */
  async runAlone(target: string, ms: number): Promise<TeamResult> {
    const [first] = this.#members.slice(-1) as [Child];
    return together([await first.ask<LoadQuestion, LoadResult>({ type: 'run', target, ms, connections: 1 })]);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.stop()));
  }
}

function together(results: readonly LoadResult[]): TeamResult {
  const latenciesMs = results.flatMap((result) => result.latenciesMs);
  const elapsedMs = Math.max(...results.map((result) => result.elapsedMs));
  return {
    elapsedMs,
    latenciesMs,
    perSecond: (latenciesMs.length / elapsedMs) * 1_000,
    marked: sum(results.map(({ marked }) => marked)),
    answerBytes: sum(results.map(({ answerBytes }) => answerBytes)),
    samples: results.flatMap(({ samples }) => samples),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
