/** Tells what a client hears, in the order in which it is heard, between `hello` and `bye`. */
import type { AuctionClient } from '../auction-client.ts';
import { type Countdown, EMPTY_COUNTDOWN, passMarks } from '../store/countdown.ts';
import type { Face, Fact } from './fact.ts';
import {
  announcementFact,
  clockFact,
  closingFact,
  complaintOf,
  forkFact,
  linkFact,
  lotFact,
  openedFact,
  proofFact,
  saleFact,
} from './facts-of.ts';

/** The part of a client that is listened to. */
export type HeardClient = Pick<AuctionClient, 'on' | 'model' | 'position' | 'time' | 'username' | 'subject' | 'house'>;

/** How often it is looked whether a lot passed a mark of its countdown. */
const COUNTDOWN_CHECK_MS = 250;

/**
 * Tells what the client hears as facts. Made before the client connects, so that nothing is missed; what comes before
 * `begin` waits for it.
 */
export class Narrator {
  readonly #face: Face;
  readonly #failed = Promise.withResolvers<never>();
  #waiting: Fact[] | undefined = [];
  #countdown: Countdown = EMPTY_COUNTDOWN;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(face: Face) {
    this.#face = face;
    // Nobody may be waiting for it when it happens.
    this.#failed.promise.catch(() => undefined);
  }

  /** Rejects with what ended the client. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Listens to a client. */
  follow(client: HeardClient): void {
    client.on('announcement', (announcement) => this.#tell(announcementFact(client.model, announcement)));
    client.on('auction-closed', (sale) => this.#tell(saleFact(client.model, sale)));
    client.on('opened', (opened) => this.#tell(openedFact(client.model, opened)));
    client.on('link', (state) => this.#tell(linkFact(state, client.position)));
    client.on('clock', (step) => this.#tell(clockFact(step)));
    // The first one is part of `begin`.
    client.on('snapshot', () => this.#waiting ?? this.#tell(houseSnapshot(client)));
    // Said at once: the client fails with it, and may never come to `begin`.
    client.on('fork', (fork) => this.#face.tell(forkFact(fork)));
    client.on('proof', (proof) => {
      const fact = proofFact(client.model, proof);
      if (fact !== undefined) this.#tell(fact);
    });
    client.on('trouble', ({ error, lot }) => {
      const complaint = complaintOf(error);
      if (complaint === undefined) this.#failed.reject(error);
      else this.#tell({ type: 'error', data: { ...complaint, ...(lot === undefined ? {} : { lot }) } });
    });
    client.on('failed', (error) => this.#failed.reject(error));
  }

  /** Says hello, how everything stands, and then whatever came meanwhile. */
  begin(client: HeardClient, dmsUrl: string): void {
    const { username, subject, house, position } = client;
    this.#face.tell({ type: 'hello', data: { username, subject, house, dms: dmsUrl, position } });
    this.#face.tell(houseSnapshot(client));
    // That the link came up is what hello says.
    const waiting = this.#waiting?.filter(({ type }) => type !== 'link-up' && type !== 'link-down') ?? [];
    this.#waiting = undefined;
    for (const fact of waiting) this.#face.tell(fact);
    this.#timer = setInterval(() => this.#countDown(client), COUNTDOWN_CHECK_MS);
    this.#countDown(client);
  }

  /** Says nothing more. */
  end(): void {
    clearInterval(this.#timer);
    this.#waiting = [];
  }

  #tell(fact: Fact): void {
    if (this.#waiting === undefined) this.#face.tell(fact);
    else this.#waiting.push(fact);
  }

  #countDown(client: HeardClient): void {
    const { countdown, passed } = passMarks(this.#countdown, client.model, client.time().at);
    this.#countdown = countdown;
    for (const mark of passed) this.#face.tell(closingFact(mark));
  }
}

function houseSnapshot({ model, position }: HeardClient): Fact {
  const lots = [...model.lots.values()].map(lotFact);
  return { type: 'snapshot', data: { of: 'house', position, lots } };
}
