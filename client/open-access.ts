/** From a home and two addresses to a participant whom the house will admit: root, trusted time, enrolment. */
import { loadRoot, TrustedServiceClient } from '../shared/http-client.ts';
import { type Certificate, verifyRoot } from '../shared/pki/verify-certificate.ts';
import type { Clock } from '../shared/time/clock.ts';
import { ClientError } from './client-error.ts';
import { askedPause, untilItSucceeds } from './connection/back-off.ts';
import { remedyFor } from './connection/recovery.ts';
import { TrustedServiceApi } from './connection/trusted-service-api.ts';
import { Access } from './identity/access.ts';
import { enrol, type Person } from './identity/enrol.ts';
import type { KeyStore } from './identity/key-store.ts';

export interface AccessOptions extends Person {
  readonly trustedServiceUrl: string;
  /** Where keys, certificates and notices are kept. */
  readonly store: KeyStore;
  /** The pinned root: a certificate, its file, or `sha256:` and its fingerprint. A home that was begun knows its own. */
  readonly root?: Certificate | string;
}

export interface OpenedAccess {
  readonly api: TrustedServiceApi;
  readonly access: Access;
}

interface Patience {
  readonly machine: Clock;
  readonly newId: () => string;
  readonly signal: AbortSignal;
  /** After this the signal comes. */
  readonly limitMs: number;
}

/** Between two attempts to reach the Trusted Service. */
const MAX_DELAY_MS = 1_000;

/**
 * Fetches the trusted time and enrols the home if it is not. Tries again until `signal` while the Trusted Service is
 * away; where that asks for a pause of `limitMs` or more, its refusal is thrown at once. Throws `root-missing`, what `enrol` throws, `trusted-service-unreachable`, `peer-untrusted`.
 */
export async function openAccess(
  options: AccessOptions,
  { machine, newId, signal, limitMs }: Patience,
): Promise<OpenedAccess> {
  const passes = (error: unknown) => remedyFor(error) !== undefined && askedPause(error) < limitMs;
  const patiently = <Result>(attempt: () => Promise<Result>) =>
    untilItSucceeds(attempt, { passes, signal, maxDelayMs: MAX_DELAY_MS });
  const { store, trustedServiceUrl } = options;
  const root = await patiently(() => findRoot(options));
  const http = new TrustedServiceClient({ baseUrl: trustedServiceUrl, root });
  const api = new TrustedServiceApi(http, root, machine);
  try {
    await patiently(async () => {
      await api.syncTime();
      await enrol(api, store, options);
    });
    return { api, access: new Access(api, store, newId) };
  } catch (error) {
    await api.close();
    throw error;
  }
}

/** What is kept is not fetched again; whether it is the wanted one is asked all the same. */
async function findRoot({ root, store, trustedServiceUrl }: AccessOptions): Promise<Certificate> {
  const kept = store.identity === undefined ? undefined : verifyRoot(store.identity.root);
  if (root === undefined) {
    if (kept === undefined) throw new ClientError('root-missing');
    return kept;
  }
  if (typeof root !== 'string') return root;
  const isKept = kept !== undefined && root.replaceAll(':', '').toLowerCase() === `sha256${kept.sha256}`;
  return isKept ? kept : loadRoot(root, trustedServiceUrl);
}
