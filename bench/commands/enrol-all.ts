/** Enrols the people of a bench, each in a home of its own. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { KeyStore } from '../../client/identity/key-store.ts';
import { type OpenedAccess, openAccess } from '../../client/open-access.ts';
import { verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { systemClock } from '../../shared/time/clock.ts';

const LIMIT_MS = 60_000;

export interface Enrolment {
  /** The homes go there. */
  readonly folder: string;
  readonly trustedServiceUrl: string;
  readonly rootPem: string;
  readonly usernames: readonly string[];
}

export async function enrolAll({ folder, trustedServiceUrl, rootPem, usernames }: Enrolment): Promise<OpenedAccess[]> {
  const root = verifyRoot(rootPem);
  const patience = {
    machine: systemClock,
    newId: randomUUID,
    signal: AbortSignal.timeout(LIMIT_MS),
    limitMs: LIMIT_MS,
  };
  const everybody: OpenedAccess[] = [];
  for (const username of usernames) {
    const store = await KeyStore.open(join(folder, username));
    everybody.push(await openAccess({ store, root, trustedServiceUrl, username }, patience));
  }
  return everybody;
}
