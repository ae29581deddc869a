/** What a DMS node stands on before it lets anybody in: whom it trusts, what time it is, its journal, and who it is itself. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { encodeBase64url } from '../shared/bytes.ts';
import { loadRoot, TrustedServiceClient } from '../shared/http-client.ts';
import { PrivateFolder } from '../shared/private-folder.ts';
import type { Clock } from '../shared/time/clock.ts';
import type { Rates } from './admission/rate-limits.ts';
import { AuctionHouse, type HouseParts } from './auction-house.ts';
import { createSalts } from './commit/salts.ts';
import type { DmsConfig } from './config.ts';
import { NodeIdentity } from './identity/node-identity.ts';
import type { Statements } from './intake/open-statement.ts';
import type { Journal } from './journal/journal.ts';
import { createJournal } from './journal/open-journal.ts';
import type { Log } from './log.ts';
import { createRetry } from './retry.ts';
import { programForm } from './snapshot/program-form.ts';
import { Snapshots } from './snapshot/snapshots.ts';
import { Keyring } from './trust/keyring.ts';
import { learnTrust } from './trust/learn-trust.ts';
import { RevocationWatch } from './trust/revocation-watch.ts';
import { TrustedTime } from './trusted-time.ts';

/** What the node is given from outside. */
export interface Surroundings {
  /** The machine's. */
  readonly clock: Clock;
  readonly log: Log;
  /** Called with an error after which the process must not go on: a failed journal, or a mistake of ours. */
  readonly onFailure: (error: unknown) => void;
  /** How much participants may ask for; `DEFAULT_RATES` if absent. */
  readonly rates?: Rates | undefined;
  /** Who opens and verifies statements; threads of their own if absent. */
  readonly statements?: Statements | undefined;
  /** Connections in all; `MAX_CONNECTIONS` if absent. */
  readonly maxConnections?: number | undefined;
  /** What all connections together may leave unread, in bytes; the gateway's own limit if absent. */
  readonly maxWaitingBytes?: number | undefined;
}

export interface Foundation {
  readonly folder: PrivateFolder;
  readonly house: AuctionHouse;
  /** The house alone appends to it. */
  readonly journal: Pick<Journal, 'read'>;
  readonly service: TrustedServiceClient;
  readonly keyring: Keyring;
  readonly time: TrustedTime;
  readonly revocations: RevocationWatch;
  readonly node: NodeIdentity;
  readonly snapshots: Snapshots;
}

const NONCE_BYTES = 32;

/** 32 random bytes in base64url. */
export function newNonce(): string {
  return encodeBase64url(randomBytes(NONCE_BYTES));
}

/**
 * Opens the journal, then waits for the Trusted Service as long as it takes. `publish` is called only after this.
 * Throws `StartError` and the `ProtocolError` of whatever does not mend itself.
 */
export async function layFoundation(
  config: DmsConfig,
  publish: HouseParts['publish'],
  { clock, log }: Pick<Surroundings, 'clock' | 'log'>,
): Promise<Foundation> {
  const folder = PrivateFolder.load(config.folder);
  const snapshots = new Snapshots({ file: join(folder.path, 'snapshot'), form: programForm(), log });
  const journal = createJournal(config, log);
  const house = await AuctionHouse.open({
    journal,
    newSalt: createSalts(randomBytes),
    publish,
    snapshots,
  });
  let service: TrustedServiceClient | undefined;
  try {
    const retry = createRetry('start', log);
    const { trustedServiceUrl: baseUrl, operatorToken, hosts } = config;
    const root = await retry(() => loadRoot(config.root, baseUrl));
    service = new TrustedServiceClient({ baseUrl, root, operatorToken });
    const trust = createTrust({ root, service, clock, clockKind: config.clock });
    await learnTrust(trust, retry);
    const { time } = trust;
    const parts = { folder, root, house: house.house, hosts, service, clock, time };
    const node = await retry(async () => {
      // A certificate is judged by the time, which may have grown too old or been set while one was waited for.
      await time.sync();
      return NodeIdentity.load(parts);
    });
    return { folder, house, journal, service, node, snapshots, ...trust };
  } catch (error) {
    // Another attempt in this process must find the journal free.
    await service?.close();
    await house.stop();
    throw error;
  }
}

type TrustParts = ConstructorParameters<typeof Keyring>[0] & { readonly service: TrustedServiceClient };

/** None of the three knows anything yet. */
function createTrust(parts: TrustParts): Pick<Foundation, 'keyring' | 'time' | 'revocations'> {
  const { service, clock } = parts;
  const keyring = new Keyring(parts);
  const time = new TrustedTime({ service, keyring, clock, newNonce });
  const revocations = new RevocationWatch({ service, issuers: () => keyring.keys.issuers, clock });
  return { keyring, time, revocations };
}
