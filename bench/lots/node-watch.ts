/** What a node used between two moments, and how long its main thread had to wait for a core: a busy machine shows. */
import { mainThreadOf, usageOf } from '../process-usage.ts';

const LOOK_MS = 50;

/** Up to some moment. */
interface Used {
  /** Of this machine, in milliseconds since 1970. */
  readonly at: number;
  /** Processor time of all threads, and of the main one, in milliseconds. */
  readonly allMs: number;
  readonly mainMs: number;
  /** How long the main thread could have worked, and had no core. */
  readonly waitedMs: number;
}

export class NodeWatch {
  readonly #seen: Used[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.#timer = setInterval(() => this.#seen.push(lookAt(pid)), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** In words. */
  between(from: number, to: number): string {
    const [begin, end] = [this.#at(from), this.#at(to)];
    const seconds = (one: number, other: number) => ((other - one) / 1_000).toFixed(2);
    const all = seconds(begin.allMs, end.allMs);
    const main = seconds(begin.mainMs, end.mainMs);
    const waited = seconds(begin.waitedMs, end.waitedMs);
    return `the node used ${all} s of processor time in these ${seconds(from, to)} s, ${main} s of it on its main thread, which had no core for another ${waited} s`;
  }

  /** The last look before that moment. */
  #at(moment: number): Used {
    return this.#seen.findLast(({ at }) => at <= moment) ?? (this.#seen[0] as Used);
  }
}

/** What a process has used from its start until now. */
export function lookAt(pid: number): Used {
  const main = mainThreadOf(pid);
  return {
    ...{ allMs: usageOf(pid).cpuSeconds * 1_000, mainMs: main.cpuSeconds * 1_000 },
    ...{ waitedMs: main.waitedSeconds * 1_000, at: Date.now() },
  };
}
