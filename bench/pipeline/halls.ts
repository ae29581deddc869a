/** The processes of the bidders, which work as one. */
import { fileURLToPath } from 'node:url';
import type { BenchSettings } from '../bench.ts';
import { Child } from '../child.ts';
import type { EnrolmentPlace } from '../commands/enrol-all.ts';
import { addUp } from '../statistics.ts';
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
  static async open({ env, signal }: BenchSettings, enrolment: EnrolmentPlace): Promise<Halls> {
    const file = fileURLToPath(new URL('./bidders.ts', import.meta.url));
    const options = { pinning: [], nodeOptions: ['--expose-gc'], file, env, signal };
    const members = Array.from({ length: HALLS }, () => new Child(options));
    const halls = new Halls(members);
    await halls.#askEach((hall) => {
      // One more than there are bidders: somebody sells.
      const usernames = Array.from({ length: share(BIDDERS, hall) + 1 }, (_, index) => `bidder-${hall}-${index}`);
      return { type: 'enrol', ...enrolment, usernames };
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

  /** Together so many a second. The moments of each process are its own, and the same for both sides. */
  async arrive(side: Side, ms: number, perSecond: number, round: number): Promise<Sent> {
    const question = { type: 'arrive', side, ms, perSecond: perSecond / HALLS } as const;
    return together(await this.#askEach<Sent>((hall) => ({ ...question, seed: `${round}-${hall}` })));
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
  return {
    from: Math.min(...parts.map(({ from }) => from)),
    to: Math.max(...parts.map(({ to }) => to)),
    answered: sum(({ answered }) => answered),
    accepted: sum(({ accepted }) => accepted),
    others: addUp(parts.map(({ others }) => others)),
    answeredMs: parts.flatMap(({ answeredMs }) => answeredMs),
    lateMs: parts.flatMap(({ lateMs }) => lateMs),
    verified: sum(({ verified }) => verified),
    answerBytes: sum(({ answerBytes }) => answerBytes),
    cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
  };
}
