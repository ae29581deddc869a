/** A real Trusted Service and a real DMS in this process, over TLS, with their state in a folder of their own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_RATES, type Rates } from '../../dms/admission/rate-limits.ts';
import { parseConfig as parseDmsConfig } from '../../dms/config.ts';
import { statementsHere } from '../../dms/intake/open-statement.ts';
import { createLog } from '../../dms/log.ts';
import { type ServedDms, serveDms } from '../../dms/main.ts';
import { TrustedServiceClient } from '../../shared/http-client.ts';
import { type Certificate, verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { type Clock, systemClock } from '../../shared/time/clock.ts';
import type { ClockKind, HouseId } from '../../shared/wire/vocabulary.ts';
import { parseConfig as parseServiceConfig } from '../../trusted-service/config.ts';
import { type ServedTrustedService, serveTrustedService } from '../../trusted-service/main.ts';
import { createServiceLog } from '../../trusted-service/service-log.ts';
import { freePort } from './free-port.ts';

export const OPERATOR_TOKEN = 'the-operator-of-the-running-house';
/** What is never an option, since everybody on a machine can read those of a process. */
const SECRETS = { GAVEL_OPERATOR_TOKEN: OPERATOR_TOKEN };

/** For tests that make more mistakes in a second than an honest client in its life. */
export const FORGIVING: Rates = { ...DEFAULT_RATES, mistakes: { perSecond: 1_000, burst: 10_000 } };

export interface HouseOptions {
  readonly clock?: ClockKind;
  /** How long the authority publishes a key before it uses it; ten minutes if not given. */
  readonly publicationMs?: number;
  readonly rates?: Rates;
  /** Connections to the DMS in all. */
  readonly maxConnections?: number;
  /** The DMS's own clocks. */
  readonly dmsClock?: Clock;
  /** The Trusted Service's own clocks. */
  readonly serviceClock?: Clock;
  /** Starts the Trusted Service only. */
  readonly withoutDms?: boolean;
  /** The kind of clock that the DMS is told; that of the Trusted Service if not given. */
  readonly dmsClockKind?: ClockKind;
}

interface Ports {
  readonly service: number;
  readonly dms: number;
}

/** The two servers, each of which can be stopped and started again on its port and its state. */
export class HouseServers {
  /** Holds the state of both servers and the participants' homes. */
  readonly home: string = mkdtempSync(join(tmpdir(), 'gavel-house-'));
  /** Lines of both servers' logs. */
  readonly log: string[] = [];
  /** What the DMS called a mistake of its own. */
  readonly failures: unknown[] = [];
  readonly #options: HouseOptions;
  readonly #neighbours: ServedDms[] = [];
  readonly #ports: Ports;
  #service: ServedTrustedService | undefined;
  #dms: ServedDms | undefined;
  #operator: TrustedServiceClient | undefined;
  #offsetMs = 0;
  #root: Certificate | undefined;
  #house: HouseId | undefined;

  protected constructor(options: HouseOptions, ports: Ports) {
    this.#options = options;
    this.#ports = ports;
  }

  get root(): Certificate {
    return this.#root!;
  }

  get serviceUrl(): string {
    return `https://127.0.0.1:${this.#ports.service}`;
  }

  get dmsUrl(): string {
    return `https://127.0.0.1:${this.#ports.dms}`;
  }

  get house(): HouseId {
    return this.#house!;
  }

  /** The Trusted Service with the operator's token. */
  get operator(): TrustedServiceClient {
    return this.#operator!;
  }

  /** The trusted time, as well as anybody can know it here: both servers run on this machine. */
  now(): number {
    return systemClock.now() + this.#offsetMs;
  }

  async startService(changes: Record<string, unknown> = {}): Promise<void> {
    const { clock = 'simulated', publicationMs, serviceClock: machine = systemClock } = this.#options;
    const settings = { home: this.home, port: this.#ports.service, clock, ...changes };
    const log = createServiceLog({ write: (line) => void this.log.push(line) }, 'debug');
    this.#service = await serveTrustedService(parseServiceConfig(settings, SECRETS, '/nowhere'), {
      ...{ log, machine },
      ...(publicationMs === undefined ? {} : { publicationMs }),
    });
    this.#root = verifyRoot(this.#service.rootPem);
    this.#operator = this.connectService(OPERATOR_TOKEN);
  }

  async stopService(): Promise<void> {
    await this.#operator?.close();
    await this.#service?.close();
    this.#service = undefined;
  }

  /** The settings of a DMS of this house, as options. */
  dmsSettings(): Record<string, unknown> {
    const { clock = 'simulated', dmsClockKind = clock } = this.#options;
    return {
      home: this.home,
      port: this.#ports.dms,
      clock: dmsClockKind,
      trustedServiceUrl: this.serviceUrl,
      root: `sha256:${this.root.sha256}`,
    };
  }

  async startDms(changes: Record<string, unknown> = {}): Promise<void> {
    this.#dms = await this.#serveDms(changes);
    this.#house = this.#dms.house;
  }

  /** Another house under the same Trusted Service. */
  async startNeighbour(): Promise<ServedDms> {
    const neighbour = await this.#serveDms({ home: join(this.home, 'neighbour'), port: await freePort() });
    this.#neighbours.push(neighbour);
    return neighbour;
  }

  #serveDms(changes: Record<string, unknown>): Promise<ServedDms> {
    const { rates, maxConnections, dmsClock: clock = systemClock } = this.#options;
    const log = createLog({ write: (line) => void this.log.push(line) });
    const onFailure = (error: unknown) => void this.failures.push(error);
    const config = parseDmsConfig({ ...this.dmsSettings(), ...changes }, SECRETS, '/nowhere');
    return serveDms(config, { log, clock, onFailure, rates, maxConnections, statements: statementsHere });
  }

  /** Takes a DMS for its own that runs somewhere else, on the same port. */
  adopt(house: HouseId): void {
    this.#house = house;
  }

  async stopDms(): Promise<void> {
    await this.#dms?.close();
    this.#dms = undefined;
  }

  /** Ends the DMS and starts it on the same port and journal. */
  async restartDms(): Promise<void> {
    await this.stopDms();
    await this.startDms();
  }

  get journalFile(): string {
    return join(this.home, 'dms', 'journal.sqlite');
  }

  connectService(operatorToken?: string): TrustedServiceClient {
    return new TrustedServiceClient({ baseUrl: this.serviceUrl, root: this.root, operatorToken });
  }

  /** Sets the simulated clock. */
  async setClock(time: number): Promise<void> {
    const { offsetMs } = await this.operator.setTime(Math.round(time));
    this.#offsetMs = offsetMs;
  }

  /** Ends both servers and removes all state. */
  protected async closeServers(): Promise<void> {
    await Promise.all(this.#neighbours.map((neighbour) => neighbour.close()));
    await this.stopDms();
    await this.stopService();
    rmSync(this.home, { recursive: true });
  }
}
