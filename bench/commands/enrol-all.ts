/** Enrols the people of a bench, each in a home of its own. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { KeyStore } from '../../client/identity/key-store.ts';
import { type OpenedAccess, openAccess } from '../../client/open-access.ts';
import { verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { systemClock } from '../../shared/time/clock.ts';

const LIMIT_MS = 60_000;

export interface EnrolmentPlace {
  /** The homes go there. */
  readonly folder: string;
  readonly trustedServiceUrl: string;
  readonly rootPem: string;
}

export interface Enrolment extends EnrolmentPlace {
  readonly usernames: readonly string[];
}

export async function enrolAll({ usernames, ...place }: Enrolment): Promise<OpenedAccess[]> {
  const everybody: OpenedAccess[] = [];
  for (const username of usernames) everybody.push((await enrol(place, username)).opened);
  return everybody;
}

export async function enrol(
  { folder, trustedServiceUrl, rootPem }: EnrolmentPlace,
  username: string,
  limitMs: number = LIMIT_MS,
): Promise<{ readonly store: KeyStore; readonly opened: OpenedAccess }> {
  const store = await KeyStore.open(join(folder, username));
  const opened = await openAccess(
    { store, root: verifyRoot(rootPem), trustedServiceUrl, username },
    { machine: systemClock, newId: randomUUID, signal: AbortSignal.timeout(limitMs), limitMs },
  );
  return { store, opened };
}
