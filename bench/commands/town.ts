/** A Trusted Service, houses of one and of several nodes, each on a journal of its own, and a crowd that is in all of them. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchSettings } from '../bench.ts';
import { Child } from '../child.ts';
import type { Postgres } from '../postgres.ts';
import { usageOf } from '../process-usage.ts';
import { type Authority, startAuthority, startNode } from './houses.ts';
import type { Appending, Bidding, CrowdAnswer, CrowdQuestion } from './messages.ts';

export const BIDDERS = 50;
/** As many bids are under way at once: one on each. */
export const LOTS = 100;

export const HOUSES = {
  sqlite: { engine: 'sqlite', nodes: 1 },
  'postgres-1': { engine: 'postgres', nodes: 1 },
  'postgres-2': { engine: 'postgres', nodes: 2 },
  'postgres-3': { engine: 'postgres', nodes: 3 },
} as const;
export type HouseName = keyof typeof HOUSES;
export const HOUSE_NAMES: readonly HouseName[] = Object.keys(HOUSES) as HouseName[];

/** The bids of one turn, and the processor time of all nodes of the house meanwhile. */
export interface Turn extends Bidding {
  readonly cpuSeconds: number;
}

export class Town {
  readonly #settings: BenchSettings;
  readonly #authority: Authority;
  readonly #crowd: Child;
  readonly #databases = new Map<HouseName, string>();
  readonly #nodes = new Map<HouseName, readonly Child[]>();

  private constructor(settings: BenchSettings, authority: Authority, crowd: Child) {
    this.#settings = settings;
    this.#authority = authority;
    this.#crowd = crowd;
  }

  /** Everything runs and everybody is in every house when it resolves. */
  static async build(settings: BenchSettings, postgres: Postgres, closers: AsyncDisposableStack): Promise<Town> {
    const authority = await startAuthority(settings);
    closers.defer(() => authority.child.stop());
    const file = fileURLToPath(new URL('./crowd.ts', import.meta.url));
    const crowd = new Child({ pinning: [], file, env: settings.env, signal: settings.signal });
    closers.defer(() => crowd.stop());
    const town = new Town(settings, authority, crowd);
    const folder = join(settings.folder, 'crowd');
    await mkdir(folder, { mode: 0o700 });
    const { url: trustedServiceUrl, rootPem } = authority;
    await town.#ask({ type: 'enrol', folder, trustedServiceUrl, rootPem, bidders: BIDDERS });
    for (const name of HOUSE_NAMES) await town.#open(name, postgres, closers);
    return town;
  }

  async bid(house: HouseName, count: number): Promise<Turn> {
    const nodes = this.#nodes.get(house) ?? [];
    const used = () => nodes.reduce((total, { pid }) => total + usageOf(pid).cpuSeconds, 0);
    const before = used();
    const bidding = await this.#ask<Bidding>({ type: 'bid', house, count });
    return { ...bidding, cpuSeconds: used() - before };
  }

  bidAlone(house: HouseName, count: number): Promise<Bidding> {
    return this.#ask({ type: 'bid-alone', house, count });
  }

  /** Only for a house in a database. */
  appendAlone(house: HouseName, count: number): Promise<Appending> {
    return this.#ask({ type: 'append-alone', house, database: this.#databases.get(house) as string, count });
  }

  /** The journal of the house that has none in a database. */
  get journalFile(): string {
    return join(this.#settings.folder, folderOf('sqlite', 0), 'dms', 'journal.sqlite');
  }

  async #open(name: HouseName, postgres: Postgres, closers: AsyncDisposableStack): Promise<void> {
    const { engine, nodes } = HOUSES[name];
    const database = engine === 'postgres' ? await postgres.create() : undefined;
    if (database !== undefined) this.#databases.set(name, database);
    const urls: string[] = [];
    const children: Child[] = [];
    this.#nodes.set(name, children);
    for (let index = 0; index < nodes; index += 1) {
      const node = await startNode(folderOf(name, index), this.#settings, this.#authority, { database });
      closers.defer(() => node.child.stop());
      children.push(node.child);
      urls.push(node.url);
    }
    await this.#ask({ type: 'join', house: name, urls, lots: LOTS });
  }

  #ask<Answer extends CrowdAnswer>(question: CrowdQuestion): Promise<Answer> {
    return this.#crowd.ask<CrowdQuestion, Answer>(question);
  }
}

function folderOf(name: HouseName, node: number): string {
  return `${name}-${node}`;
}
