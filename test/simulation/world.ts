/** Everything that is in one simulation, and what goes wrong in it by itself: crashes, outages, clocks that are set. */
import type { Random } from '../../client/bots/workload/random.ts';
import { JournalFailed } from '../../dms/journal/journal.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { Auditor } from './auditor.ts';
import { Authority } from './authority.ts';
import { Disk, type Owner } from './disk.ts';
import { Guest } from './guest.ts';
import { Network } from './network.ts';
import { NodeLife } from './node-life.ts';
import { NO_PLANT, type Plant } from './plant.ts';
import { drawProfile, type Profile } from './profile.ts';
import type { Scheduler } from './scheduler.ts';
import { SnapshotShelf } from './snapshot-shelf.ts';
import type { Trace } from './trace.ts';

export class World {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly trace: Trace;
  readonly profile: Profile;
  readonly plant: Plant;
  readonly auditor: Auditor;
  readonly authority: Authority;
  readonly network: Network;
  readonly disk: Disk;
  readonly shelf = new SnapshotShelf();
  /** The present life of each node. */
  readonly lives: NodeLife[] = [];
  readonly guests: readonly Guest[];
  /** How often each thing happened that is to happen. */
  readonly count = new Map<string, number>();
  /** Resolves when nothing goes wrong any more. */
  readonly calmed: Promise<void>;
  readonly #calm: () => void;

  constructor(parts: Pick<World, 'scheduler' | 'random' | 'trace'>, plant: Plant = NO_PLANT) {
    const { scheduler, random, trace } = parts;
    this.scheduler = scheduler;
    this.random = random;
    this.trace = trace;
    this.plant = plant;
    this.profile = drawProfile(random);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.calmed = promise;
    this.#calm = resolve;
    this.auditor = new Auditor(this);
    this.authority = new Authority(scheduler, this.profile);
    this.network = new Network(scheduler, random, this.profile);
    this.disk = new Disk(scheduler, random, this.profile);
    this.disk.onRecord = (recorded) => this.auditor.recorded(recorded);
    this.disk.noteThat = (happened) => this.noteThat(happened);
    this.disk.onMoment = (owner) => this.mayCrash(owner);
    this.guests = Array.from({ length: this.profile.guests }, (_, number) => new Guest(this, number));
  }

  start(): void {
    for (let number = 0; number < this.profile.nodes; number += 1) this.#begin(number);
    for (const guest of this.guests) void guest.live();
    this.#trouble();
  }

  /** From here on nothing goes wrong any more. */
  calm(): void {
    this.network.isCalm = true;
    this.authority.isUp = true;
    this.disk.isAway = false;
    this.#calm();
  }

  noteThat(happened: string): void {
    this.count.set(happened, (this.count.get(happened) ?? 0) + 1);
  }

  /** The node may crash here, or at one of the next moments at which it waits for anything. */
  mayCrash(owner: Owner): void {
    const number = this.lives.indexOf(owner as NodeLife);
    if (this.network.isCalm || number < 0 || !this.random.chance(this.profile.crash)) return;
    void this.#crashAfter(number, this.random.below(40));
  }

  /** A node ended by an error: what the disk did to it is no mistake of the house. */
  failed(life: NodeLife, error: unknown): void {
    this.trace.add(`${life.name} fails: ${String(error)}`);
    const isDisks = error instanceof JournalFailed;
    // Who starts while the journal is away starts again.
    const isAway = error instanceof ProtocolError && error.code === 'journal-unavailable';
    this.auditor.demand(
      isDisks || isAway,
      'no node fails by a mistake of its own',
      () => `${life.name}: ${stackOf(error)}`,
    );
    const number = this.lives.indexOf(life);
    if (number >= 0) this.#restartSoon(number);
  }

  #begin(number: number): void {
    const life = new NodeLife(this, `node ${'AB'[number]}`);
    this.lives[number] = life;
    void life.begin();
  }

  async #crashAfter(number: number, awaits: number): Promise<void> {
    const life = this.lives[number];
    for (let passed = 0; passed < awaits; passed += 1) await undefined;
    if (life === undefined || !life.isAlive || this.network.isCalm) return;
    this.noteThat('crashes');
    this.trace.add(`${life.name} crashes`);
    life.crash();
    this.#restartSoon(number);
  }

  #restartSoon(number: number): void {
    const life = this.lives[number];
    this.scheduler.after(this.random.below(this.random.chance(0.8) ? 2_000 : 20_000), () => {
      if (this.lives[number] === life) this.#begin(number);
    });
  }

  /** Each kind of trouble comes by itself, again and again. */
  #trouble(): void {
    const { profile, authority, disk, random, guests } = this;
    this.#often(profile.disconnect, () => guests[random.below(guests.length)]!.cut());
    this.#often(profile.serviceOutage, () => {
      this.noteThat('outages of the Trusted Service');
      authority.isUp = false;
      this.scheduler.after(random.below(10_000), () => {
        // Most often it was started anew.
        if (random.chance(0.7)) authority.moveClock(0);
        authority.isUp = true;
      });
    });
    this.#often(profile.journalOutage, () => {
      this.noteThat('outages of the journal');
      disk.isAway = true;
      this.scheduler.after(random.below(6_000), () => {
        disk.isAway = false;
      });
    });
    this.#often(profile.clockStep, () => {
      this.noteThat('times the clock was set');
      const ms = Math.round((random.next() * 2 - 0.6) * profile.dayMs);
      this.trace.add(`the clock is set by ${ms} ms`);
      authority.moveClock(ms);
    });
    this.#often(profile.revocation, () => authority.revoke(guests[random.below(guests.length)]!.subject));
    this.#often(profile.restart, () => void this.#restart(random.below(profile.nodes)));
  }

  #often(meanDays: number, happen: () => void): void {
    if (meanDays === 0) return;
    this.scheduler.after(this.random.exponential(1 / (meanDays * this.profile.dayMs)), () => {
      if (this.network.isCalm) return;
      happen();
      this.#often(meanDays, happen);
    });
  }

  async #restart(number: number): Promise<void> {
    const life = this.lives[number];
    if (life === undefined || !life.isOpen) return;
    this.trace.add(`${life.name} is stopped`);
    await life.end();
    if (this.lives[number] === life) this.#restartSoon(number);
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
