/** The whole house on this machine: both servers as processes, on free ports, with their state in one folder. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AuctionClient } from '../client/auction-client.ts';
import { KeyStore } from '../client/identity/key-store.ts';
import { encodeBase64url } from '../shared/bytes.ts';
import { loadRoot, TrustedServiceClient } from '../shared/http-client.ts';
import type { Certificate } from '../shared/pki/verify-certificate.ts';
import type { ClockKind } from '../shared/wire/vocabulary.ts';
import { type Launcher, Program } from './program.ts';

export interface HouseOptions {
  readonly launcher: Launcher;
  /** The state of everything. */
  readonly home: string;
  readonly clock: ClockKind;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const FREE_PORT = '0';
/** As patient as with the servers themselves: a busy machine is slow at both. */
const SEAT_LIMIT_MS = 30_000;
const OPERATOR_TOKEN_BYTES = 32;

export class House {
  readonly trustedServiceUrl: string;
  readonly dmsUrl: string;
  readonly rootFile: string;
  readonly home: string;
  /** The Trusted Service, with the operator's rights. */
  readonly operator: TrustedServiceClient;
  readonly operatorToken: string;
  readonly #root: Certificate;
  readonly #programs: readonly Program[];
  readonly #guests: AuctionClient[] = [];

  private constructor(
    { home, operatorToken }: Pick<House, 'home' | 'operatorToken'>,
    root: Certificate,
    operator: TrustedServiceClient,
    programs: readonly Program[],
  ) {
    const [trustedService, dms] = programs as [Program, Program];
    this.home = home;
    this.trustedServiceUrl = trustedService.ready.listening;
    this.dmsUrl = dms.ready.listening;
    this.rootFile = String(trustedService.ready['rootFile']);
    this.operator = operator;
    this.operatorToken = operatorToken;
    this.#root = root;
    this.#programs = programs;
  }

  /** Starts both servers. Throws `StartFailed`; then nothing is left running. */
  static async open({ launcher, home, clock, env }: HouseOptions): Promise<House> {
    await mkdir(join(home, 'logs'), { recursive: true, mode: 0o700 });
    const operatorToken = encodeBase64url(randomBytes(OPERATOR_TOKEN_BYTES));
    const common = {
      ...withoutSettings(env),
      GAVEL_HOME: home,
      GAVEL_CLOCK: clock,
      GAVEL_OPERATOR_TOKEN: operatorToken,
    };
    const run = (name: string, more: Record<string, string>) =>
      Program.start({ launcher, name, env: { ...common, ...more }, logFile: join(home, 'logs', `${name}.log`) });
    const trustedService = await run('trusted-service', { GAVEL_TRUSTED_SERVICE_PORT: FREE_PORT });
    try {
      const baseUrl = trustedService.ready.listening;
      const rootFile = String(trustedService.ready['rootFile']);
      const root = await loadRoot(rootFile, baseUrl);
      const dms = await run('dms', {
        GAVEL_TRUSTED_SERVICE_URL: baseUrl,
        GAVEL_ROOT: rootFile,
        GAVEL_DMS_PORT: FREE_PORT,
        GAVEL_JOURNAL: `sqlite:${join(home, 'dms', 'journal.sqlite')}`,
      });
      const operator = new TrustedServiceClient({ baseUrl, root, operatorToken });
      return new House({ home, operatorToken }, root, operator, [trustedService, dms]);
    } catch (error) {
      await trustedService.stop();
      throw error;
    }
  }

  /** Enrols a guest with a home of its own and connects. */
  async welcome(username: string, contact: string): Promise<AuctionClient> {
    const { trustedServiceUrl, dmsUrl } = this;
    const store = await KeyStore.open(join(this.home, 'guests', username));
    const guest = await AuctionClient.connect({
      store,
      root: this.#root,
      trustedServiceUrl,
      dmsUrl,
      username,
      contact,
      connectLimitMs: SEAT_LIMIT_MS,
    });
    this.#guests.push(guest);
    return guest;
  }

  /** Says goodbye to the guests, then ends the servers, the one that needs the other first. */
  async close(): Promise<void> {
    await Promise.all(this.#guests.map((guest) => guest.close()));
    await this.operator.close();
    for (const program of this.#programs.toReversed()) await program.stop();
  }
}

/** The servers of this house are set up here: what an operator set for others, such as who may enrol, is not for them. */
function withoutSettings(env: HouseOptions['env']): HouseOptions['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GAVEL_')));
}
