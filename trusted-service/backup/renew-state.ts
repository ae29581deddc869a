/**
 * Makes a state of the past fit to go on from today. What the authority did since the backup is not in it: numbers that it
 * gave out must not be given out again, and what it took back must not count again.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArchiveError } from '../../shared/backup/archive-format.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { invariant } from '../../shared/invariant.ts';
import { openRevocationList, type RevocationList } from '../../shared/pki/revocation-list.ts';
import { authorityName } from '../../shared/pki/trust-anchors.ts';
import { type Certificate, parseCertificate, verifyIssuance, verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { StartError } from '../../shared/start-error.ts';
import { BrokenChain, formatHead, verifyRows } from '../audit/audit-chain.ts';
import { AuditJournal } from '../audit/audit-journal.ts';
import { loadStore, type Store } from '../store/store.ts';
import type { Manifest } from './manifest.ts';

const DAY_MS = 24 * 3_600_000;
/** Clocks may have been wrong by this much, at the backup, meanwhile or now. */
const CLOCK_MARGIN_MS = DAY_MS;
/** Far more than an authority can do in a millisecond on the average. */
const SERIALS_PER_MS = 1_000;

/** What the service begins with. */
export interface RenewedState {
  readonly auditHead: string;
  readonly epoch: number;
  readonly nextSerial: number;
  /** Invites that were open and are so no longer. */
  readonly endedInvites: number;
  /** Certificates that the lists know as revoked: those whose keys are out now, and those that the backup does not know. */
  readonly revokedKeys: number;
  readonly unknownRevoked: number;
}

/**
 * Renews the extracted state in `folder`. `now` is the machine's time; `lists` are revocation lists in DER that were published
 * after the backup. Throws `ArchiveError` for a state that does not hold, `StartError` for a clock or a list that can't be right.
 */
export function renewState(
  folder: string,
  manifest: Manifest,
  now: number,
  lists: readonly Uint8Array[],
): RenewedState {
  const { root, issuers } = readAuthorities(folder);
  if (authorityName(root) !== manifest.authority) throw broken();
  const opened = lists.map((der) => openUnderOneOf(der, issuers));
  demandClock(manifest.madeAt, now);
  const store = loadStore(folder);
  try {
    demandClockOfLists(store, now, opened);
    verifyJournal(store, manifest);
    const elapsedMs = now - manifest.madeAt + CLOCK_MARGIN_MS;
    // Counted from the backup by the clock: a second restore from the same backup begins where the first could not have been.
    const jump = { epochs: elapsedMs, serials: elapsedMs * SERIALS_PER_MS, lists: elapsedMs };
    const audit = new AuditJournal(store, { now: () => now, monotonic: () => now });
    const renewed = audit.within((record) => {
      const numbers = store.numbers.jump({
        ...jump,
        listsBeyond: Math.max(0, ...opened.map(({ list }) => list.number)),
      });
      const endedInvites = store.invites.endOpen(now);
      const revoked = opened.map(({ list, issuer }) => takeOver(list, issuer, store));
      const sum = (name: 'keys' | 'unknown') => revoked.reduce((total, counted) => total + counted[name], 0);
      const counts = { endedInvites, revokedKeys: sum('keys'), unknownRevoked: sum('unknown') };
      record({ type: 'state-restored', by: 'operator', madeAt: manifest.madeAt, ...numbers, ...counts });
      return { ...numbers, ...counts };
    });
    return { ...renewed, auditHead: formatHead(store.audit.head()) };
  } finally {
    store.close();
  }
}

interface Opened {
  readonly list: RevocationList;
  readonly issuer: Certificate;
}

function readAuthorities(folder: string): { readonly root: Certificate; readonly issuers: readonly Certificate[] } {
  const keys = join(folder, 'keys');
  const root = verifyRoot(readFileSync(join(keys, 'root.pem'), 'utf8'));
  const issuers = readdirSync(keys)
    .filter((name) => name.endsWith('.pem'))
    .flatMap((name) => {
      try {
        const certificate = parseCertificate(readFileSync(join(keys, name), 'utf8'));
        return [verifyIssuance(certificate, 'issuing-ca', { root, issuer: root })];
      } catch (error) {
        // Leaves, and the root itself, are no issuing CAs.
        if (error instanceof ProtocolError) return [];
        throw error;
      }
    });
  return { root, issuers };
}

function openUnderOneOf(der: Uint8Array, issuers: readonly Certificate[]): Opened {
  for (const issuer of issuers) {
    try {
      return { list: openRevocationList(der, issuer), issuer };
    } catch (error) {
      // Perhaps it is another issuing CA's; if it is nobody's, that is said below.
      if (!(error instanceof ProtocolError)) throw error;
    }
  }
  throw new StartError('--crl is no revocation list in DER of an issuing CA that is in the backup.');
}

function demandClock(madeAt: number, now: number): void {
  if (now >= madeAt) return;
  throw new StartError(
    `This machine's clock shows ${formatTime(now)}, and the backup was made at ${formatTime(madeAt)}: set the clock right first, the numbers are counted on by it.`,
  );
}

/** A list of the future says the same of a real clock. Where a clock was ever set, lists may be of any time. */
function demandClockOfLists(store: Store, now: number, opened: readonly Opened[]): void {
  if (store.numbers.clockOffsetMs() !== 0) return;
  for (const { list } of opened) demandClock(list.thisUpdate, now);
}

function formatTime(at: number): string {
  return new Date(at).toISOString();
}

function verifyJournal(store: Store, { auditHead }: Manifest): void {
  const head = store.audit.head();
  if (formatHead(head) !== auditHead) throw broken();
  try {
    for (const row of verifyRows(store.audit.rows())) invariant(row.head.number <= head.number, 'the head is the last');
  } catch (cause) {
    if (cause instanceof BrokenChain) throw broken(cause);
    throw cause;
  }
}

/** A list says serials. Where the backup knows whose they are, the key is out; where not, they stay on our own lists. */
function takeOver({ revoked }: RevocationList, issuer: Certificate, { certificates }: Store) {
  const counts = { keys: 0, unknown: 0 };
  for (const [serial, revocation] of revoked) {
    const known = certificates.findBySerial(serial);
    if (known === undefined) {
      certificates.keepRevoked(issuer, serial, revocation);
      counts.unknown += 1;
    } else if (certificates.revocationOf(known.subject) === undefined) {
      certificates.revokeKey(known.subject, revocation);
      counts.keys += 1;
    }
  }
  return counts;
}

function broken(cause?: unknown): ArchiveError {
  return new ArchiveError('damaged', 'The state in the backup does not fit together; use another backup.', { cause });
}
