/** A real Trusted Service on a free port, with a clock in the test's hand and a folder that is removed afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrustedServiceClient } from '../../shared/http-client.ts';
import { authorityName } from '../../shared/pki/trust-anchors.ts';
import { type Certificate, verifyRoot } from '../../shared/pki/verify-certificate.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { parseConfig } from '../../trusted-service/config.ts';
import { type ServedTrustedService, type ServeOptions, serveTrustedService } from '../../trusted-service/main.ts';
import { createServiceLog } from '../../trusted-service/service-log.ts';

export const OPERATOR_TOKEN = 'the-operator-of-the-tests';
export const START = Date.UTC(2031, 4, 6, 7, 8, 9);

/** A machine's clock that stands still until it is moved, as by the passing of time, or set. */
export class TestMachine implements Clock {
  time: number;
  /** How far its wall clock was set, in sum. */
  setByMs = 0;

  constructor(time = START) {
    this.time = time;
  }

  now(): number {
    return this.time + this.setByMs;
  }

  monotonic(): number {
    return this.time;
  }
}

/** An answer as it came. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  readonly bytes: Uint8Array;
  /** The `code` of a problem. */
  readonly code: string | undefined;
}

interface RawRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
}

export class TestService {
  readonly machine: TestMachine;
  readonly home: string;
  /** Lines of the service's log. */
  readonly log: string[];
  readonly #settings: Record<string, unknown>;
  #served: ServedTrustedService;
  #client: TrustedServiceClient;

  private constructor(
    home: string,
    machine: TestMachine,
    settings: Record<string, unknown>,
    log: string[],
    served: ServedTrustedService,
  ) {
    this.log = log;
    this.home = home;
    this.machine = machine;
    this.#settings = settings;
    this.#served = served;
    this.#client = this.connect(OPERATOR_TOKEN);
  }

  /** `settings` go over the defaults: simulated clock, no TLS, a known operator's token. */
  static async start(
    settings: Record<string, unknown> = {},
    machine = new TestMachine(),
    more: Pick<ServeOptions, 'maxConnections'> = {},
  ): Promise<TestService> {
    const home = mkdtempSync(join(tmpdir(), 'gavel-ts-'));
    const all = { home, port: 0, clock: 'simulated', tls: false, ...settings };
    const log: string[] = [];
    return new TestService(home, machine, all, log, await serve(all, machine, log, more));
  }

  get url(): string {
    return this.#served.url;
  }

  get root(): Certificate {
    return verifyRoot(this.#served.rootPem);
  }

  get authority(): string {
    return authorityName(this.root);
  }

  get rootFile(): string {
    return this.#served.rootFile;
  }

  /** With the operator's token. */
  get client(): TrustedServiceClient {
    return this.#client;
  }

  connect(operatorToken?: string): TrustedServiceClient {
    return new TrustedServiceClient({ baseUrl: this.url, root: this.root, operatorToken });
  }

  /** Ends and starts anew on the same folder. */
  async restart(settings: Record<string, unknown> = {}): Promise<void> {
    await this.#client.close();
    await this.#served.close();
    this.#served = await serve({ ...this.#settings, ...settings }, this.machine, this.log);
    this.#client = this.connect(OPERATOR_TOKEN);
  }

  /** Lets the service see that its clocks have moved. */
  maintain(): Promise<void> {
    return this.#served.maintain();
  }

  async stop(): Promise<void> {
    await this.#client.close();
    await this.#served.close();
    rmSync(this.home, { recursive: true });
  }

  /** A request as anybody could write it. */
  raw(path: string, { method = 'GET', headers = {}, body }: RawRequest = {}): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      const url = new URL(path, this.url);
      const send = url.protocol === 'https:' ? tlsRequest : request;
      const options = { method, headers, agent: false, ca: this.#served.rootPem } as const;
      const sent = send(url, options, async (answer) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk);
        const bytes = Buffer.concat(chunks);
        const text = bytes.toString();
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, bytes, text, code: codeIn(text) });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** A JSON body, whatever it is. */
  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<RawAnswer> {
    const all = { 'content-type': 'application/json', ...headers };
    return this.raw(path, { method: 'POST', headers: all, body: JSON.stringify(body) });
  }
}

export const AS_OPERATOR = { authorization: `Bearer ${OPERATOR_TOKEN}` };

function serve(
  settings: Record<string, unknown>,
  machine: Clock,
  log: string[],
  more: Pick<ServeOptions, 'maxConnections'> = {},
): Promise<ServedTrustedService> {
  const stream = { write: (line: string) => void log.push(line) };
  const config = parseConfig(settings, { GAVEL_OPERATOR_TOKEN: OPERATOR_TOKEN }, '/nowhere');
  return serveTrustedService(config, { log: createServiceLog(stream, 'debug'), machine, ...more });
}

function codeIn(text: string): string | undefined {
  try {
    return JSON.parse(text).code;
  } catch {
    // Not every answer is JSON.
    return undefined;
  }
}
