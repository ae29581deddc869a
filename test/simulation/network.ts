/** The ways between guests, nodes and the Trusted Service: they take time, and what travels on them can be lost or come twice. */
import type { Random } from '../../client/bots/workload/random.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Profile } from './profile.ts';
import type { Scheduler } from './scheduler.ts';

/** A question to the Trusted Service that nobody answers is given up after this. */
const SERVICE_LIMIT_MS = 5_000;

export interface Traveller {
  readonly isAlive: boolean;
}

export class Network {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #profile: Profile;
  /** At the end nothing is lost any more. */
  isCalm = false;

  constructor(scheduler: Scheduler, random: Random, profile: Profile) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#profile = profile;
  }

  /** How long one message takes. */
  delay(): number {
    if (this.#random.chance(0.03)) return this.#random.below(1_500);
    return 1 + this.#random.below(20);
  }

  isLost(): boolean {
    return !this.isCalm && this.#random.chance(this.#profile.lost);
  }

  /** Sends something that may come never, once, or twice, and in any order with what else is sent. */
  send(arrive: () => void, ms: number = this.delay()): void {
    if (!this.isLost()) this.#scheduler.after(ms, arrive);
    if (this.#random.chance(this.#profile.twice)) this.#scheduler.after(ms + this.#random.below(3_000), arrive);
  }

  /** Asks the Trusted Service, where `answer` is called. Never ends for who died meanwhile. */
  async askService<Answer>(asking: Traveller, answer: () => Answer | Promise<Answer>): Promise<Answer> {
    await this.#scheduler.sleep(this.delay());
    const isLost = this.isLost();
    try {
      if (isLost) throw new ProtocolError('trusted-service-unreachable', 'no answer');
      return await answer();
    } finally {
      await this.#scheduler.sleep(isLost ? SERVICE_LIMIT_MS : this.delay());
      if (!asking.isAlive) await new Promise(() => undefined);
    }
  }
}

/** One connection of one guest with one node: in order, until it breaks. */
export class Line {
  isUp = true;
  /** Resolves when the guest notices the end. */
  readonly ended: Promise<void>;
  readonly #end: () => void;
  readonly #scheduler: Scheduler;
  readonly #network: Network;
  #lastAt = 0;

  constructor(scheduler: Scheduler, network: Network) {
    this.#scheduler = scheduler;
    this.#network = network;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#end = resolve;
  }

  /** Sends something to the guest, after everything that was sent before. */
  tell(arrive: () => void): void {
    this.#lastAt = Math.max(this.#lastAt, this.#scheduler.now + this.#network.delay());
    this.#scheduler.after(this.#lastAt - this.#scheduler.now, () => {
      if (this.isUp) arrive();
    });
  }

  /** It breaks: what is on its way is lost. */
  cut(): void {
    if (!this.isUp) return;
    this.isUp = false;
    this.#scheduler.after(this.#network.delay(), this.#end);
  }
}
