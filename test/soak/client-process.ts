/** A process of participants as the soak sees it: who is in it, what they were told to do, and where they are to go on. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readNotes, type Who } from '../../bench/workload/notes.ts';
import type { Order, Outcome } from '../../bench/workload/orders.ts';
import type { FromCrowd, Settings, ToCrowd } from './messages.ts';
import { Mortal } from './mortal.ts';

const CROWD = fileURLToPath(new URL('./crowd.ts', import.meta.url));

export interface ClientProcessOptions {
  readonly name: string;
  readonly members: readonly Who[];
  /** `notes` is the folder of its notes. */
  readonly settings: Omit<Settings, 'type'>;
  readonly logFile: string;
  readonly onGone: (how: string) => void;
  readonly onSale: (lot: string, role: 'seller' | 'winner') => void;
}

export class ClientProcess {
  readonly process: Mortal;
  readonly members: readonly Who[];
  readonly present = new Set<Who>();
  /** The files of its notes, one for each of its lives. */
  readonly notes: string[] = [];
  readonly #options: ClientProcessOptions;
  readonly #told = new Map<Who, number>();
  readonly #under = new Map<number, (outcome: Outcome) => void>();
  #left: { readonly who: Who; readonly done: () => void }[] = [];
  #next = 0;

  constructor(options: ClientProcessOptions) {
    const { name, members, logFile, onGone } = options;
    this.members = members;
    this.#options = options;
    this.process = new Mortal({ name, args: [CROWD], env: {}, logFile, onGone });
    this.process.on((message) => this.#take(message as FromCrowd));
  }

  /** Starts it, and sends everybody in. */
  async start(): Promise<void> {
    this.#forgetAll();
    const { settings, name, onSale } = this.#options;
    const last = this.notes.at(-1);
    // What it heard and could not tell any more before it was killed.
    if (last !== undefined)
      for await (const note of readNotes(last)) if (note.note === 'sale') onSale(note.lot, note.role);
    await this.process.start();
    const notes = join(settings.notes, `${name}-${this.process.restarts}.jsonl`);
    this.notes.push(notes);
    this.#tell({ type: 'settings', ...settings, notes });
    for (const who of this.members) this.enter(who);
  }

  async kill(): Promise<void> {
    await this.process.kill();
    this.#forgetAll();
  }

  /** Everybody leaves, everything is noted. */
  async end(): Promise<void> {
    this.#tell({ type: 'end' });
    await this.process.ended();
    this.#forgetAll();
  }

  enter(who: Who): void {
    const since = this.#told.get(who);
    this.#tell({ type: 'enter', who, ...(since !== undefined && { since }) });
  }

  /** Resolves when this one has left, or is not there. */
  leave(who: Who): Promise<void> {
    if (!this.present.delete(who)) return Promise.resolve();
    return new Promise((done) => {
      this.#left.push({ who, done });
      this.#tell({ type: 'leave', who });
    });
  }

  do(who: Who, order: Order): Promise<Outcome> {
    if (!this.present.has(who)) return Promise.resolve({ outcome: 'absent' });
    return new Promise((resolve) => {
      const number = this.#next++;
      this.#under.set(number, resolve);
      this.#tell({ type: 'do', who, number, order });
    });
  }

  #tell(message: ToCrowd): void {
    this.process.send(message);
  }

  #take(message: FromCrowd): void {
    if (message.type === 'entered') this.present.add(message.who);
    else if (message.type === 'left') this.#hasLeft(message.who, message.position);
    else if (message.type === 'told') for (const [who, position] of message.positions) this.#told.set(who, position);
    else if (message.type === 'sale') this.#options.onSale(message.lot, message.role);
    else {
      this.#under.get(message.number)?.(message.outcome);
      this.#under.delete(message.number);
    }
  }

  #hasLeft(who: Who, position: number): void {
    this.#told.set(who, position);
    for (const waiting of this.#left.filter((one) => one.who === who)) waiting.done();
    this.#left = this.#left.filter((one) => one.who !== who);
  }

  /** Nobody answers any more. */
  #forgetAll(): void {
    this.present.clear();
    for (const resolve of this.#under.values()) resolve({ outcome: 'absent' });
    this.#under.clear();
    for (const { done } of this.#left) done();
    this.#left = [];
  }
}
