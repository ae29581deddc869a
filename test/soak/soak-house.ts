/** The house of a soak: a Trusted Service, one or two DMS nodes, their database, and who may be killed of them. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrustedServiceClient } from '../../shared/http-client.ts';
import { type Certificate, verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { Balancer } from '../support/balancer.ts';
import { freePort } from '../support/free-port.ts';
import { PostgresServer } from '../support/postgres-server.ts';
import { Mortal } from './mortal.ts';

const OPERATOR_TOKEN = 'the-operator-of-the-house-that-is-soaked';
/** Everybody comes from one address and wants to enrol at once. */
const CROWDED = { GAVEL_ENROLMENTS_PER_ADDRESS: '100000', GAVEL_ENROLMENTS_PER_HOUR: '100000' };

export interface SoakHouseOptions {
  readonly folder: string;
  /** Two nodes on a journal in PostgreSQL; otherwise one on a file. */
  readonly isShared: boolean;
  readonly onGone: (name: string, how: string) => void;
}

interface Node {
  readonly process: Mortal;
  readonly port: number;
}

export class SoakHouse {
  readonly root: Certificate;
  readonly trustedServiceUrl: string;
  /** Where participants go: the only node, or what stands in front of both. */
  readonly dmsUrl: string;
  readonly operator: TrustedServiceClient;
  /** What is there of the house, the last one needs those before it. */
  readonly servers: readonly Mortal[];
  readonly database: PostgresServer | undefined;
  readonly #nodes: readonly Node[];
  readonly #balancer: Balancer | undefined;

  private constructor(
    parts: Pick<SoakHouse, 'root' | 'trustedServiceUrl' | 'database'> & {
      readonly service: Mortal;
      readonly nodes: readonly Node[];
      readonly balancer: Balancer | undefined;
    },
  ) {
    const { service, nodes, balancer } = parts;
    this.root = parts.root;
    this.trustedServiceUrl = parts.trustedServiceUrl;
    this.database = parts.database;
    this.#nodes = nodes;
    this.#balancer = balancer;
    this.servers = [service, ...nodes.map((node) => node.process)];
    this.dmsUrl = balancer?.url ?? this.nodeUrl;
    const { root, trustedServiceUrl: baseUrl } = this;
    this.operator = new TrustedServiceClient({ baseUrl, root, operatorToken: OPERATOR_TOKEN });
  }

  static async open({ folder, isShared, onGone }: SoakHouseOptions): Promise<SoakHouse> {
    mkdirSync(join(folder, 'logs'), { mode: 0o700 });
    const mortal = (name: string, word: string, env: Readonly<Record<string, string>>) =>
      new Mortal({
        name,
        args: ['gavel.mjs', word],
        env: { GAVEL_CLOCK: 'simulated', GAVEL_OPERATOR_TOKEN: OPERATOR_TOKEN, ...env },
        logFile: join(folder, 'logs', `${name}.log`),
        onGone: (how) => onGone(name, how),
      });
    const starting = isShared ? PostgresServer.start() : undefined;
    const servicePort = await freePort();
    const service = mortal('trusted-service', 'trusted-service', {
      ...CROWDED,
      GAVEL_HOME: join(folder, 'authority'),
      GAVEL_TRUSTED_SERVICE_PORT: String(servicePort),
    });
    const ready = readyLine(await service.start(), 'the Trusted Service');
    const database = await starting;
    const journal = await database?.create();
    const trustedServiceUrl = `https://127.0.0.1:${servicePort}`;
    const node = async (name: string): Promise<Node> => {
      const port = await freePort();
      const process = mortal(name, 'dms', {
        GAVEL_HOME: join(folder, name),
        GAVEL_DMS_PORT: String(port),
        GAVEL_TRUSTED_SERVICE_URL: trustedServiceUrl,
        GAVEL_ROOT: String(ready['rootFile']),
        ...(journal !== undefined && { GAVEL_JOURNAL: journal }),
      });
      readyLine(await process.start(), name);
      return { process, port };
    };
    const nodes = await Promise.all((isShared ? ['dms-a', 'dms-b'] : ['dms']).map(node));
    const balancer = isShared ? await Balancer.start(...nodes.map(({ port }) => port)) : undefined;
    const root = verifyRoot(readFileSync(String(ready['rootFile']), 'utf8'));
    return new SoakHouse({ root, trustedServiceUrl, database, service, nodes, balancer });
  }

  /** The first node itself. */
  get nodeUrl(): string {
    return `https://127.0.0.1:${this.#nodes[0]?.port}`;
  }

  /** Ends everything, whoever needs others first. */
  async close(): Promise<void> {
    await this.operator.close();
    await this.#balancer?.close();
    for (const server of this.servers.toReversed()) await server.stop();
    await this.database?.close();
  }
}

function readyLine(line: string | undefined, who: string): Readonly<Record<string, unknown>> {
  if (line === undefined) throw new Error(`${who} did not start: see its log`);
  return JSON.parse(line) as Record<string, unknown>;
}
