/** One attack after another on one house: what is sent was made beforehand, and who is thrown out comes again. */
import { randomBytes } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { untilItSucceeds } from '../../client/connection/back-off.ts';
import type { SignedStatement } from '../../client/sealing/seal-command.ts';
import { encodeBase64url } from '../../shared/bytes.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import { frameOf } from '../web-socket/frames.ts';
import type { Attack, Flooding, LotOnOffer, Place } from './messages.ts';
import { type Entered, type Person, sealed } from './person.ts';
import { type Address, closeOf, connectTls, Wire } from './wire.ts';

/** All connections together: ten times what the house takes from the honest. */
const FRAMES_PER_SECOND = 12_000;
/** All connections together: several times what the house can let in. */
const ATTEMPTS_PER_SECOND = 1_000;
/** Who was refused or thrown out is back after this. */
const RETRY_MS = 100;
/** How often the next frames leave. */
const BEAT_MS = 5;
/** Statements of one participant, of which each connection sends some, again and again. */
const STATEMENTS = 16;
const FRAMES = 8;
/** Of an honest bid's size. */
const GARBAGE_BYTES = 1_400;

/** For the stamps of one participant. */
const STAMP_LIMIT_MS = 30_000;

interface Stamped {
  readonly statement: string;
  readonly timestamp: TimestampToken;
}

type Aim = { readonly house: string; readonly lots: readonly LotOnOffer[] } & Place;

export class Flood {
  readonly #everybody: readonly Person[];
  #people: readonly Person[] = [];
  readonly #aim: Aim;
  readonly #signed = new Map<Person, SignedStatement[]>();
  readonly #garbage = Array.from({ length: FRAMES }, () => encodeBase64url(randomBytes(GARBAGE_BYTES)));
  #stamped = new Map<Person, Stamped[]>();
  #attack: Attack = { kind: 'idle', connections: 0, spread: 'one' };
  #until = 0;
  #mayTryAt = 0;
  #seen = nothing();
  readonly #open = new Set<Socket>();

  constructor(people: readonly Person[], aim: Aim) {
    this.#everybody = people;
    this.#aim = aim;
  }

  async prepare(attack: Attack & { readonly first: number; readonly people: number }): Promise<void> {
    this.#attack = attack;
    this.#people = this.#everybody.slice(attack.first, attack.first + attack.people);
    if (attack.kind !== 'low' && attack.kind !== 'signatures') return;
    const people = new Set(Array.from({ length: attack.connections }, (_, index) => this.#personOf(index)));
    this.#stamped = new Map();
    // On a machine that is far too busy the Trusted Service may not answer in time.
    const patience = { passes: () => true, signal: AbortSignal.timeout(STAMP_LIMIT_MS), maxDelayMs: 500 };
    for (const person of people)
      this.#stamped.set(person, await untilItSucceeds(() => this.#stampedBy(person), patience));
  }

  async run(ms: number): Promise<Flooding> {
    this.#seen = nothing();
    this.#until = performance.now() + ms;
    this.#mayTryAt = performance.now();
    const all = Array.from({ length: this.#attack.connections }, (_, index) => this.#comeAgain(index));
    await pause(ms);
    for (const socket of this.#open) socket.destroy();
    await Promise.all(all);
    return this.#seen;
  }

  get #isOver(): boolean {
    return performance.now() >= this.#until;
  }

  #personOf(index: number): Person {
    return this.#people[index % this.#people.length] as Person;
  }

  #addressOf(index: number): Address {
    const { hostname: host, port } = new URL(this.#aim.url);
    const from = this.#attack.spread === 'one' ? '127.3.0.1' : `127.4.${index >> 7}.${(index & 127) + 1}`;
    return { host, port: Number(port), ca: this.#aim.rootPem, from, onSocket: (socket) => this.#hold(socket) };
  }

  async #stampedBy(person: Person): Promise<Stamped[]> {
    const signed = this.#signed.get(person) ?? (await this.#sign(person));
    this.#signed.set(person, signed);
    const stamped = await Promise.all(
      signed.map(async (one) => ({ statement: one.statement, timestamp: await person.stamp(one) })),
    );
    if (this.#attack.kind === 'low') return stamped;
    // The signature of another statement: of the right form, and wrong.
    return stamped.map(({ statement, timestamp }, index) => {
      const other = stamped[(index + 1) % stamped.length] as Stamped;
      const wrong = [...statement.split('.').slice(0, 2), other.statement.split('.')[2]].join('.');
      return { statement: wrong, timestamp };
    });
  }

  /** Below what every lot has by now. */
  #sign(person: Person): Promise<SignedStatement[]> {
    const { house, lots } = this.#aim;
    const claims = Array.from({ length: STATEMENTS }, (_, index) => ({ ...lots[index % lots.length], amount: 1 }));
    return Promise.all(claims.map((one) => person.sign(house, { type: 'bid', ...one })));
  }

  async #comeAgain(index: number): Promise<void> {
    while (!this.#isOver) {
      this.#mayTryAt = Math.max(performance.now(), this.#mayTryAt + 1_000 / ATTEMPTS_PER_SECOND);
      const wait = this.#mayTryAt - performance.now();
      if (wait > 0) await pause(wait);
      if (this.#isOver) return;
      this.#seen.attempts += 1;
      try {
        await this.#come(index);
      } catch (error) {
        if (this.#isOver) return;
        count(this.#seen.ends, (error as Error).message.split('\n', 1)[0] ?? '');
        await pause(RETRY_MS);
      }
    }
  }

  #come(index: number): Promise<void> {
    const { kind } = this.#attack;
    if (kind === 'idle') return this.#idle(index);
    return kind === 'reconnects' ? this.#reconnect(index) : this.#send(index);
  }

  async #reconnect(index: number): Promise<void> {
    const { wire } = await this.#enter(index);
    wire.drop();
  }

  /** A quarter each: TCP and nothing more; TLS; a WebSocket; a session. */
  async #idle(index: number): Promise<void> {
    const address = this.#addressOf(index);
    const { host, port, from: localAddress } = address;
    const step = index % 4;
    if (step === 0) {
      const socket = connectTcp({ host, port, localAddress }).on('error', () => undefined);
      this.#hold(socket);
      await closeOf(socket);
    } else if (step === 1) await closeOf(await connectTls(address));
    else if (step === 2) await (await Wire.open(address)).closed;
    else await (await this.#enter(index)).wire.closed;
    throw new Error('ended');
  }

  /** It is ended with the flood, however far it has come by then. */
  #hold(socket: Socket): void {
    if (this.#isOver) socket.destroy();
    this.#open.add(socket);
    void closeOf(socket).then(() => this.#open.delete(socket));
  }

  async #enter(index: number): Promise<Entered> {
    const entered = await this.#personOf(index).enter(this.#addressOf(index));
    this.#seen.entered += 1;
    return entered;
  }

  async #send(index: number): Promise<void> {
    const entered = await this.#enter(index);
    const { wire } = entered;
    wire.onAnswer = (text) => count(this.#seen.answers, /"(?:code|reason)":"([^"]+)"/.exec(text)?.[1] ?? 'accepted');
    const frames = await this.#framesFor(index, entered);
    const perMs = FRAMES_PER_SECOND / this.#attack.connections / 1_000;
    let sent = 0;
    for (const began = performance.now(); wire.isOpen && !this.#isOver; await pause(BEAT_MS)) {
      // What could not leave is not made up for.
      const due = Math.floor((performance.now() - began) * perMs) + 1;
      for (; sent < due && wire.isOpen; sent += 1)
        if (wire.send(frames[sent % frames.length] as Buffer)) this.#seen.sent += 1;
    }
    if (!this.#isOver) throw new Error('ended');
  }

  async #framesFor(index: number, { wire, sealingKey }: Entered): Promise<Buffer[]> {
    const stamped = this.#stamped.get(this.#personOf(index)) ?? [];
    const bodies =
      this.#attack.kind === 'garbage'
        ? this.#garbage
        : await Promise.all(
            stamped.slice(0, FRAMES).map(({ statement, timestamp }) => sealed(statement, timestamp, sealingKey)),
          );
    return bodies.map((body) => frameOf(`42${wire.reserve()}["command","${body}"]`));
  }
}

type Counting = { -readonly [Name in keyof Flooding]: Flooding[Name] } & {
  answers: Record<string, number>;
  ends: Record<string, number>;
};

function nothing(): Counting {
  return { attempts: 0, entered: 0, sent: 0, answers: {}, ends: {} };
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
