/** Two DMS nodes as real processes, with one journal in a real PostgreSQL and a balancer in front. */
import { join } from 'node:path';
import type { AuctionClient } from '../../client/auction-client.ts';
import type { LotId } from '../../shared/wire/vocabulary.ts';
import { Balancer } from '../support/balancer.ts';
import { DmsProcess } from '../support/dms-process.ts';
import { freePort } from '../support/free-port.ts';
import { PostgresServer } from '../support/postgres-server.ts';
import { RunningHouse } from '../support/running-house.ts';

export type NodeName = 'a' | 'b';

export class TwoNodes {
  readonly house: RunningHouse;
  readonly database: PostgresServer;
  readonly journal: string;
  readonly balancer: Balancer;
  readonly ports: Readonly<Record<NodeName, number>>;
  readonly #nodes = new Map<NodeName, DmsProcess>();

  private constructor(parts: Pick<TwoNodes, 'house' | 'database' | 'journal' | 'balancer' | 'ports'>) {
    this.house = parts.house;
    this.database = parts.database;
    this.journal = parts.journal;
    this.balancer = parts.balancer;
    this.ports = parts.ports;
  }

  static async start(): Promise<TwoNodes> {
    const [house, database] = await Promise.all([RunningHouse.start({ withoutDms: true }), PostgresServer.start()]);
    const ports = { a: await freePort(), b: await freePort() };
    const [balancer, journal] = [await Balancer.start(ports.a, ports.b), await database.create()];
    const nodes = new TwoNodes({ house, database, journal, balancer, ports });
    // At the same moment, on a database that is empty: one of them makes the tables, and the house is the same.
    const started = await Promise.allSettled([nodes.startNode('a'), nodes.startNode('b')]);
    const failed = started.find((one) => one.status === 'rejected');
    if (failed === undefined) return nodes;
    await nodes.close();
    throw failed.reason;
  }

  urlOf(name: NodeName): string {
    return `https://127.0.0.1:${this.ports[name]}`;
  }

  node(name: NodeName): DmsProcess {
    return this.#nodes.get(name)!;
  }

  async startNode(name: NodeName): Promise<void> {
    const { house, journal } = this;
    const home = join(house.home, `node-${name}`);
    this.#nodes.set(name, await DmsProcess.start(house, { home, port: this.ports[name], journal }));
  }

  /** A lot of this seller, which closes so much later. */
  async list(seller: AuctionClient, closesInMs: number): Promise<{ lot: LotId; closesAt: number }> {
    const terms = this.house.terms({ closesAt: Math.round(this.house.now()) + closesInMs });
    const answer = await seller.list(terms);
    if (answer.outcome !== 'accepted') throw new Error(answer.reason);
    return { lot: answer.lot, closesAt: terms.closesAt };
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#nodes.values(), (node) => node.kill()));
    await this.balancer.close();
    await this.house.close();
    await this.database.close();
  }
}
