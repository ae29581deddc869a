/** Everything that runs in a soak: the house, its participants in their processes, and one who only watches. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { usageOf } from '../../bench/process-usage.ts';
import type { Who } from '../../bench/workload/notes.ts';
import type { People } from '../../bench/workload/orders.ts';
import { AuctionClient } from '../../client/auction-client.ts';
import { KeyStore } from '../../client/identity/key-store.ts';
import { ClientProcess } from './client-process.ts';
import type { Watched } from './figures.ts';
import { HostileProcess } from './hostile-process.ts';
import type { Mortal } from './mortal.ts';
import { SoakHouse } from './soak-house.ts';

export interface TownOptions {
  readonly folder: string;
  readonly isShared: boolean;
  readonly participants: number;
  readonly processes: number;
  /** Wrong commands a second. */
  readonly hostile: number;
  readonly seed: string;
  readonly onGone: (name: string, how: string) => void;
}

/** What can be killed. */
export interface Target {
  readonly name: string;
  kill(): Promise<void>;
  revive(): Promise<unknown>;
}

const ENTER_LIMIT_MS = 120_000;

export class Town {
  readonly house: SoakHouse;
  readonly crowds: readonly ClientProcess[];
  readonly intruders: HostileProcess;
  readonly observer: AuctionClient;
  readonly targets: readonly Target[];
  /** Lots and roles of which a private notice came. */
  readonly told: Set<string>;
  readonly #since = new Map<Mortal, { restarts: number; at: number }>();

  private constructor(parts: Pick<Town, 'house' | 'crowds' | 'intruders' | 'observer' | 'told'>) {
    const { house, crowds, intruders } = parts;
    this.house = house;
    this.crowds = crowds;
    this.intruders = intruders;
    this.observer = parts.observer;
    this.told = parts.told;
    const { database } = house;
    this.targets = [
      ...house.servers.map((server) => ({
        name: server.name,
        kill: () => server.kill(),
        revive: () => server.start(),
      })),
      ...crowds.map((crowd) => ({
        name: crowd.process.name,
        kill: () => crowd.kill(),
        revive: () => crowd.start(),
      })),
      { name: intruders.process.name, kill: () => intruders.process.kill(), revive: () => intruders.start() },
      ...(database === undefined
        ? []
        : [{ name: 'database', kill: () => database.kill(), revive: () => database.run() }]),
    ];
  }

  /** Everybody is enrolled and there when it resolves. */
  static async build({ folder, isShared, participants, processes, hostile, seed, onGone }: TownOptions): Promise<Town> {
    const house = await SoakHouse.open({ folder, isShared, onGone });
    const { root, trustedServiceUrl, dmsUrl } = house;
    const told = new Set<string>();
    for (const name of ['notes', 'clients']) mkdirSync(join(folder, name), { mode: 0o700 });
    const crowds = Array.from({ length: processes }, (_, index) => {
      const name = `clients-${index + 1}`;
      const homes = { folder: join(folder, 'clients'), notes: join(folder, 'notes') };
      return new ClientProcess({
        name,
        members: Array.from({ length: participants }, (_, who) => who).filter((who) => who % processes === index),
        settings: { ...homes, rootPem: root.pem, trustedServiceUrl, dmsUrl },
        logFile: join(folder, 'logs', `${name}.log`),
        onGone: (how) => onGone(name, how),
        onSale: (lot, role) => told.add(`${lot} ${role}`),
      });
    });
    const store = await KeyStore.open(join(folder, 'clients', 'observer'));
    const observer = await AuctionClient.connect({
      ...{ store, root, trustedServiceUrl, dmsUrl, username: 'observer' },
      connectLimitMs: ENTER_LIMIT_MS,
    });
    const name = 'intruders';
    const intruders = new HostileProcess({
      name,
      logFile: join(folder, 'logs', `${name}.log`),
      onGone: (how) => onGone(name, how),
      settings: {
        notes: join(folder, 'notes'),
        rootPem: root.pem,
        trustedServiceUrl,
        dmsUrl,
        perSecond: hostile,
        seed,
      },
    });
    await Promise.all([...crowds, intruders].map((one) => one.start()));
    return new Town({ house, crowds, intruders, observer, told });
  }

  /** Everybody, whichever process they are in. */
  get people(): People {
    const crowdOf = (who: Who) => this.crowds[who % this.crowds.length] as ClientProcess;
    return {
      isPresent: (who) => crowdOf(who).present.has(who),
      do: (who, order) => crowdOf(who).do(who, order),
      leave: (who) => crowdOf(who).leave(who),
      enter: (who) => crowdOf(who).enter(who),
      lifeOf: (who) => crowdOf(who).process.restarts,
    };
  }

  get absent(): number {
    return this.crowds.reduce((sum, { members, present }) => sum + members.length - present.size, 0);
  }

  get isWhole(): boolean {
    return this.#processes().every((one) => one.isUp);
  }

  /** What each process is like now. */
  watch(now: number): Watched[] {
    return this.#processes().map((one) => {
      const known = this.#since.get(one);
      const since = known?.restarts === one.restarts ? known : { restarts: one.restarts, at: now };
      this.#since.set(one, since);
      return { name: one.name, restarts: one.restarts, residentBytes: residentBytesOf(one), ageMs: now - since.at };
    });
  }

  /** Where the notes are. */
  get notes(): string[] {
    return [...this.crowds, this.intruders].flatMap((one) => one.notes);
  }

  async close(): Promise<void> {
    await this.observer.close();
    for (const { process } of [this.intruders, ...this.crowds]) await process.kill();
    await this.house.close();
  }

  #processes(): Mortal[] {
    return [...this.house.servers, ...this.crowds.map(({ process }) => process), this.intruders.process];
  }
}

function residentBytesOf({ isUp, pid }: Mortal): number | undefined {
  if (!isUp || pid === undefined) return undefined;
  try {
    return usageOf(pid).residentBytes;
  } catch (error) {
    // It ended at this moment.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
