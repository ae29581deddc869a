/**
 * One life of a DMS node, from its start to its crash or end: the real parts of the house, put together as `dms/node.ts`
 * and `dms/main.ts` do, behind a simulated disk, network and Trusted Service. After a crash all its doors are shut.
 */
import type { Peer } from '../../dms/admission/authenticate-peer.ts';
import type { Session } from '../../dms/admission/session.ts';
import { pendingNotices } from '../../dms/auction/queries.ts';
import { AuctionHouse } from '../../dms/auction-house.ts';
import { TAKE_OVER_MS } from '../../dms/disclosure.ts';
import type { Connection } from '../../dms/gateway/dispatch.ts';
import { UnderWay } from '../../dms/intake/under-way.ts';
import type { Letter } from '../../dms/publication/letters.ts';
import { type Repeating, repeat } from '../../dms/repeat.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { AuctionClosed } from '../../shared/wire/announcements.ts';
import { ANNOUNCEMENT_TICK_MS } from '../../shared/wire/limits.ts';
import type { Renew, RenewAnswer } from '../../shared/wire/socket-events.ts';
import type { Position, Subject } from '../../shared/wire/vocabulary.ts';
import { Hall, type Listener } from './hall.ts';
import type { Answered, SentCommand } from './intake.ts';
import type { Line } from './network.ts';
import { createParts, layTrust, type NodeParts, type Trust } from './node-parts.ts';
import { openSnapshot } from './snapshot-shelf.ts';
import { createLog, type Surroundings } from './surroundings.ts';
import { newSalt } from './vocabulary.ts';
import type { World } from './world.ts';

export class NodeLife {
  isAlive = true;
  readonly name: string;
  readonly hall: Hall;
  readonly #world: World;
  readonly #underWay = new UnderWay();
  readonly #following = new AbortController();
  readonly #surroundings: Surroundings;
  #repeated: Repeating[] = [];
  #parts: NodeParts | undefined;
  #publish: (letters: readonly Letter[], position: Position) => void = () => undefined;

  constructor(world: World, name: string) {
    this.#world = world;
    this.name = name;
    this.hall = new Hall(world);
    const born = world.scheduler.now - world.random.below(100_000);
    // No two quartzes are the same.
    const rate = 1 + (world.random.next() - 0.5) / 10_000;
    this.#surroundings = {
      ...{ world, life: this, underWay: this.#underWay },
      monotonic: () => (world.scheduler.now - born) * rate,
      log: createLog((line) => {
        if (this.isAlive) world.trace.add(`${name} logs ${line}`);
      }),
      tell: () => {
        if (this.#parts !== undefined) this.#flush(this.#parts);
      },
      onFailure: (error) => this.#fail(error),
    };
  }

  /** Whether guests are let in. */
  get isOpen(): boolean {
    return this.isAlive && this.#parts !== undefined;
  }

  /** Of its trusted time. */
  get epoch(): number | undefined {
    return this.#parts?.time.epoch;
  }

  get witnessed(): number {
    return this.#parts?.witness.newest?.size ?? 0;
  }

  get house(): AuctionHouse | undefined {
    return this.#parts?.house;
  }

  /** Opens the house and then its doors. Whatever goes wrong ends this life. */
  async begin(): Promise<void> {
    const { plant, random, auditor } = this.#world;
    const own = this.#world.disk.journalOf(this);
    const journal = plant.journal?.(own, this.#world) ?? own;
    try {
      const opened = await AuctionHouse.open({
        journal,
        newSalt: () => newSalt(random),
        publish: (letters, position) => {
          if (this.isAlive) this.#publish(letters, position);
        },
        snapshots: { open: (of) => openSnapshot(of, this.#world) },
      });
      const house = plant.house?.(opened, this.#world) ?? opened;
      void house.failure.then((error) => this.#fail(error));
      const trust = await layTrust(this.#surroundings, this.#following.signal);
      if (!this.isAlive) return;
      auditor.begun(this, house.position);
      this.#open(house, trust);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The process is gone, in the middle of whatever it did. */
  crash(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#world.disk.crash(this);
    this.#silence();
  }

  /** The operator stops it: what has arrived is finished first. */
  async end(): Promise<void> {
    const parts = this.#parts;
    if (parts === undefined || !this.isAlive) return this.crash();
    parts.desk.stop();
    this.#parts = undefined;
    if (parts.house.trouble !== undefined) void parts.house.stop();
    await Promise.all(this.#repeated.map((work) => work.stop()));
    this.#following.abort();
    await parts.house.stop();
    if (!this.isAlive) return;
    this.#flush(parts);
    this.crash();
  }

  /** A command's frame arrived in a session. The answer, if there is one, goes to `answer`. */
  take(sent: SentCommand, session: Session, answer: (answered: Answered) => void): void {
    const parts = this.#parts;
    if (parts === undefined || !this.isAlive) return;
    const answered = parts.intake.take(sent, session);
    this.#underWay.track(answered);
    answered.then(
      (own) => {
        if (!this.isAlive) return;
        if (own.outcome === 'accepted') this.#world.auditor.proofs.sent(session, own.receipt);
        answer(own);
      },
      (error: unknown) => this.#fail(error),
    );
  }

  /** Another request. What is refused is an answer. */
  serve(
    name: 'hello' | 'prove' | 'renew' | 'query' | 'acknowledge',
    connection: Connection,
    argument: object,
    answer: (a: object) => void,
  ) {
    const handler = this.#parts?.handlers.get(name);
    if (handler === undefined || !this.isAlive) return;
    const { sessions } = this.#world.auditor;
    const judge = name === 'renew' ? sessions.renewing(this, connection.session, argument as Renew) : () => undefined;
    const tell = (reply: object) => {
      if (!this.isAlive) return;
      judge(reply as RenewAnswer);
      answer(reply);
      if (!('outcome' in reply && reply.outcome === 'refused')) handler.after?.(connection);
    };
    handler.serve(connection, argument).then(tell, (error: unknown) => {
      if (error instanceof ProtocolError) tell({ outcome: 'refused', code: error.code });
      else this.#fail(error);
    });
  }

  /** Somebody shows papers at the door: comes in, or not. */
  async admit(guest: Listener, peer: Peer, line: Line): Promise<Connection | undefined> {
    try {
      // As a door does that reads papers: what it makes of them is new each time.
      return await this.#parts?.door.admit(guest, { ...peer }, line);
    } catch (error) {
      if (!(error instanceof ProtocolError)) this.#fail(error);
    }
    return undefined;
  }

  pendingNotices(subject: Subject): AuctionClosed[] {
    return this.#parts === undefined ? [] : pendingNotices(this.#parts.house.lots.values(), subject);
  }

  #open(house: AuctionHouse, trust: Trust): void {
    const parts = createParts(house, trust, this.#surroundings);
    const { monitor, desk, announcer } = parts;
    this.#parts = parts;
    this.#publish = (letters, position) => {
      this.#world.auditor.published(this, letters, position);
      monitor.hear(letters);
      desk.hear(letters);
      announcer.publish(letters, position);
      this.#flushSoon(parts);
    };
    if (house.isShared) void house.follow(this.#following.signal);
    this.#repeatAll(parts);
    desk.start();
  }

  #repeatAll({ house, time, monitor, desk, revocations, door, witness }: NodeParts): void {
    const { profile, shelf } = this.#world;
    const doing = (name: string, everyMs: number, work: () => unknown) =>
      repeat({ name, everyMs, work, log: this.#surroundings.log, onFailure: (error) => this.#fail(error) });
    const closings = doing('closings', profile.closingsMs, () => monitor.closeDue());
    const sweep = doing('sessions', profile.sweepMs, () => door.sweep());
    const dependent = [sweep, closings, doing('revocation-list', profile.revocationsMs, () => revocations.poll())];
    time.onChange(() => {
      for (const work of dependent) work.now();
    });
    revocations.watch.onChange(() => sweep.now());
    this.#repeated = [
      ...dependent,
      doing('trusted-time', profile.timeMs, () => time.sync()),
      doing('witness', profile.witnessMs, () => witness.ask()),
      doing('snapshot', 2 * profile.dayMs, () => shelf.put(house)),
      doing('disclosures', Math.max(TAKE_OVER_MS, profile.closingsMs), () => desk.takeOver()),
    ];
  }

  #isFlushPlanned = false;

  /** A tick in which nothing is told is none: so it is planned when there is something to tell. */
  #flushSoon(parts: NodeParts): void {
    if (this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    this.#world.scheduler.after(ANNOUNCEMENT_TICK_MS, () => {
      this.#isFlushPlanned = false;
      if (this.isAlive) this.#flush(parts);
    });
  }

  #flush({ announcer }: NodeParts): void {
    try {
      const tick = announcer.flush();
      if (tick !== undefined) this.hall.send(tick);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (!this.isAlive) return;
    this.#world.failed(this, error);
    this.crash();
  }

  #silence(): void {
    this.#following.abort();
    this.#parts?.desk.stop();
    for (const work of this.#repeated) void work.stop();
    this.#parts = undefined;
    this.hall.closeAll();
  }
}
