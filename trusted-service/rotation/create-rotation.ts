/** Puts the parts of rotation together, in the order in which they can be had. */
import type { Logger } from 'pino';
import type { Clock } from '../../shared/time/clock.ts';
import { KEY_SET_MAX_AGE_MS, TOKEN_LIFE_MS } from '../../shared/wire/limits.ts';
import type { AuditTrail } from '../audit/audit-journal.ts';
import type { AuthorityKeys } from '../authority-keys.ts';
import { Issuer } from '../certificate-authority/issuer.ts';
import { OwnCertificates } from '../own-certificates.ts';
import type { AuthorityKeyRecords } from '../store/authority-key-records.ts';
import { CertificateArchive } from './certificate-archive.ts';
import { IssuerRotation } from './issuer-rotation.ts';
import { KeyRing } from './key-ring.ts';
import { SignerRotation } from './signer-rotation.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Twice the time for which a verifier may go without looking: one that missed a look has another. */
const PUBLICATION_MS: number = 2 * KEY_SET_MAX_AGE_MS;
/** A token that was signed at the last moment, and clocks that differ a little. Timestamps and disclosures have the archive. */
const SIGNER_AFTERLIFE_MS: number = TOKEN_LIFE_MS + 5 * MINUTE_MS;
/** A DMS node's certificate lives 7 days, which is the longest of all that is issued to others; and its list an hour more. */
const ISSUER_AFTERLIFE_MS = 8 * DAY_MS;

/** How long each key is used. Milliseconds. */
export interface RotationPeriods {
  readonly rotateTokenSigner: number;
  readonly rotateTimestampSigner: number;
  readonly rotateIssuingCa: number;
}

export interface RotationOptions {
  readonly keys: AuthorityKeys;
  readonly records: AuthorityKeyRecords;
  readonly audit: AuditTrail;
  readonly clock: Clock;
  readonly machine: Clock;
  readonly hosts: readonly string[];
  readonly periods: RotationPeriods;
  readonly log: Logger;
  /** How long a key is published before it is used; ten minutes if absent. */
  readonly publicationMs?: number | undefined;
  /** Hears of each signature of an issuing CA. */
  readonly onIssuerSigned: () => void;
}

export interface RotatingParts {
  readonly ring: KeyRing;
  readonly archive: CertificateArchive;
  readonly issuer: Issuer;
  readonly own: OwnCertificates;
  readonly issuers: IssuerRotation;
  readonly signers: readonly SignerRotation[];
}

/** Loads keys and certificates. An issuing CA that died while nobody was here has its successor when this returns. */
export async function loadRotatingParts(options: RotationOptions): Promise<RotatingParts> {
  const { keys, records, audit, clock, machine, hosts, periods, log } = options;
  const { publicationMs = PUBLICATION_MS } = options;
  const archive = new CertificateArchive(records);
  const ring = KeyRing.load({ keys, records, archive, audit, clock, machine });
  const issuer = new Issuer(keys.root, keys.issuer, options.onIssuerSigned);
  const common = { ring, clock, machine };
  const policyOf = (periodMs: number, afterlifeMs: number) => ({ publicationMs, periodMs, afterlifeMs });
  const policy = policyOf(periods.rotateIssuingCa, ISSUER_AFTERLIFE_MS);
  const issuers = new IssuerRotation({ ...common, policy, authority: keys, issuer, archive, log });
  await issuers.advance();
  const own = await OwnCertificates.load({
    ...{ keys, issuer, clock, machine, hosts, audit, archive },
    signers: () => ring.signers(),
  });
  const rotationOf = (role: 'token-signer' | 'timestamp-signer', periodMs: number) =>
    new SignerRotation(role, { ...common, policy: policyOf(periodMs, SIGNER_AFTERLIFE_MS), own, issuer });
  const signers = [
    rotationOf('token-signer', periods.rotateTokenSigner),
    rotationOf('timestamp-signer', periods.rotateTimestampSigner),
  ];
  return { ring, archive, issuer, own, issuers, signers };
}
