/** All participants, whichever process they are in, as the bench sees them. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchSettings } from '../bench.ts';
import { Child } from '../child.ts';
import type { Collected, CrowdAnswer, CrowdQuestion, Done, FullOrder, Numbered, Place } from './messages.ts';
import type { Who } from './notes.ts';
import type { Order, Outcome, People } from './orders.ts';

/** Each costs the house a part of the machine's cores; one alone is busier than a house can be. */
const PROCESSES = 2;
/** Entrances that are under way at once. */
const AT_ONCE = 8;

/** An order that was carried out, as the bench keeps it. */
export interface Carried extends Done {
  readonly kind: Order['kind'];
  readonly due: number;
}

export interface CrowdParts {
  readonly settings: Pick<BenchSettings, 'env' | 'signal'>;
  readonly connections: number;
  readonly place: Place;
  /** The digest of the terms of a lot, which a bid on it has to name. */
  readonly termsOf: (lot: string) => string | undefined;
}

export class Crowd implements People {
  readonly #parts: CrowdParts;
  readonly #children: readonly Child[];
  readonly #present = new Set<Who>();
  readonly #asked = new Map<number, PromiseWithResolvers<CrowdAnswer>>();
  /** Told of each order that was carried out. */
  onCarried: (carried: Carried) => void = () => undefined;
  /** Orders that are not answered yet. */
  underWay = 0;
  #next = 0;
  /** Why there is no answer any more. */
  #broken: Error | undefined;

  private constructor(parts: CrowdParts) {
    const { env, signal } = parts.settings;
    this.#parts = parts;
    const file = fileURLToPath(new URL('./participants.ts', import.meta.url));
    this.#children = Array.from({ length: PROCESSES }, () => new Child({ pinning: [], file, env, signal }));
    for (const child of this.#children) {
      child.hear((answer) => this.#take(answer as Numbered<CrowdAnswer>));
      child.failed.catch((error: Error) => this.#break(error));
    }
  }

  /** Everybody is enrolled when it resolves, and nobody is in the house. */
  static async enrol(parts: CrowdParts): Promise<Crowd> {
    const crowd = new Crowd(parts);
    const all = Array.from({ length: parts.connections }, (_, who) => who);
    await crowd.#askEach((index) => ({
      ...{ type: 'enrol', ...parts.place },
      notes: crowd.notes[index] as string,
      members: all.filter((who) => who % PROCESSES === index),
    }));
    return crowd;
  }

  /** The files of the notes. */
  get notes(): string[] {
    return Array.from({ length: PROCESSES }, (_, index) => join(this.#parts.place.folder, `notes-${index}.jsonl`));
  }

  get pids(): number[] {
    return this.#children.map(({ pid }) => pid);
  }

  async enterAll(): Promise<void> {
    const left = Array.from({ length: this.#parts.connections }, (_, who) => who).values();
    const lane = async () => {
      for (const who of left) await this.#enter(who);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  }

  isPresent(who: Who): boolean {
    return this.#present.has(who);
  }

  get isWhole(): boolean {
    return this.#present.size === this.#parts.connections;
  }

  async do(who: Who, order: Order, due: number): Promise<Outcome> {
    if (!this.#present.has(who)) return { outcome: 'absent' };
    const moment = performance.timeOrigin + due;
    this.underWay += 1;
    const asked = this.#ask<Done>(who, { type: 'do', who, order: this.#full(order), due: moment });
    // Whoever collects is told that a process has ended.
    const done = await asked.catch(() => undefined);
    this.underWay -= 1;
    if (done === undefined) return { outcome: 'absent' };
    this.onCarried({ kind: order.kind, due: moment, ...done });
    return done.outcome;
  }

  async leave(who: Who): Promise<void> {
    if (this.#present.delete(who)) await this.#ask(who, { type: 'leave', who }).catch(() => undefined);
  }

  enter(who: Who): void {
    // As above.
    this.#enter(who).catch(() => undefined);
  }

  /** Nobody here is killed. */
  lifeOf(): number {
    return 0;
  }

  /** Everybody has heard everything up to this position. What was heard since the last time, of each process. */
  collect(upTo: number): Promise<Collected[]> {
    return this.#askEach<Collected>(() => ({ type: 'collect', upTo }));
  }

  /** Everything is noted. */
  async end(): Promise<void> {
    await this.#askEach(() => ({ type: 'end' }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop()));
  }

  async #enter(who: Who): Promise<void> {
    await this.#ask(who, { type: 'enter', who });
    this.#present.add(who);
  }

  #full(order: Order): FullOrder {
    return order.kind === 'bid' ? { ...order, terms: this.#parts.termsOf(order.lot) } : order;
  }

  #askEach<Answer extends CrowdAnswer>(question: (index: number) => CrowdQuestion): Promise<Answer[]> {
    return Promise.all(this.#children.map((_, index) => this.#ask<Answer>(index, question(index))));
  }

  #ask<Answer extends CrowdAnswer>(who: Who, message: CrowdQuestion): Promise<Answer> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    const child = this.#children[who % PROCESSES] as Child;
    const asked = Promise.withResolvers<CrowdAnswer>();
    this.#next += 1;
    this.#asked.set(this.#next, asked);
    child.tell({ number: this.#next, message } satisfies Numbered<CrowdQuestion>);
    return asked.promise as Promise<Answer>;
  }

  #break(error: Error): void {
    this.#broken ??= error;
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
  }

  #take({ number, message }: Numbered<CrowdAnswer>): void {
    this.#asked.get(number)?.resolve(message);
    this.#asked.delete(number);
  }
}
