/** The processes of the bidders, which work as one. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchSettings } from '../bench.ts';
import { Child } from '../child.ts';
import type { Authority } from '../commands/houses.ts';
import type { HallAnswer, HallQuestion, Sent, Side } from './messages.ts';

export const BIDDERS = 50;
export const LOTS = 20;
/** Processes. Each costs the servers a part of the machine's cores; fewer than two are busier than a server can be. */
const HALLS = 2;

export class Halls {
  readonly #members: readonly Child[];

  private constructor(members: readonly Child[]) {
    this.#members = members;
  }

  /** Everybody is enrolled when it resolves. */
  static async open({ folder, env, signal }: BenchSettings, authority: Authority): Promise<Halls> {
    const file = fileURLToPath(new URL('./bidders.ts', import.meta.url));
    const members = Array.from({ length: HALLS }, () => new Child({ pinning: [], file, env, signal }));
    const halls = new Halls(members);
    const homes = join(folder, 'bidders');
    await mkdir(homes, { mode: 0o700 });
    const { url: trustedServiceUrl, rootPem } = authority;
    await halls.#askEach((hall) => {
      // One more than there are bidders: somebody sells.
      const people = Array.from({ length: share(BIDDERS, hall) + 1 }, (_, index) => `bidder-${hall}-${index}`);
      return { type: 'enrol', folder: homes, trustedServiceUrl, rootPem, usernames: people };
    });
    return halls;
  }

  async enter(side: Side, url: string): Promise<void> {
    await this.#askEach((hall) => ({ type: 'enter', side, url, lots: share(LOTS, hall) }));
  }

  async prepare(count: number): Promise<void> {
    await this.#askEach((hall) => ({ type: 'prepare', count: share(count, hall) }));
  }

  async saturate(side: Side, ms: number, window: number): Promise<Sent> {
    return together(await this.#askEach<Sent>(() => ({ type: 'saturate', side, ms, window })));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.stop()));
  }

  #askEach<Answer extends HallAnswer>(question: (hall: number) => HallQuestion): Promise<Answer[]> {
    return Promise.all(this.#members.map((member, hall) => member.ask<HallQuestion, Answer>(question(hall))));
  }
}

/** What falls to one of the processes. */
function share(count: number, hall: number): number {
  return Math.floor((count + hall) / HALLS);
}

function together(parts: readonly Sent[]): Sent {
  const sum = (numberOf: (part: Sent) => number) => parts.reduce((total, part) => total + numberOf(part), 0);
  const others: Record<string, number> = {};
  for (const [reason, count] of parts.flatMap((part) => Object.entries(part.others)))
    others[reason] = (others[reason] ?? 0) + count;
  return {
    from: Math.min(...parts.map(({ from }) => from)),
    to: Math.max(...parts.map(({ to }) => to)),
    answered: sum(({ answered }) => answered),
    accepted: sum(({ accepted }) => accepted),
    others,
    answeredMs: parts.flatMap(({ answeredMs }) => answeredMs),
    answerBytes: sum(({ answerBytes }) => answerBytes),
    cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
  };
}
