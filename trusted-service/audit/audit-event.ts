/**
 * What the audit journal tells: acts of the authority, for somebody who has to judge it later. No event holds a secret, a
 * name or a contact. None holds an imprint either: who asked for which timestamp is not known here and must not become so.
 */
import type { ProfileName } from '../../shared/pki/certificate-profile.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import type { RevocationReason } from '../../shared/wire/http-endpoints.ts';
import type { KeyState, RotationRole } from '../../shared/wire/key-rotation.ts';
import type { ClockKind, HouseId, LotId, Subject } from '../../shared/wire/vocabulary.ts';
import type { RegistrationPolicy } from '../config.ts';

/** On whose word it happened: the service's own, the operator's, that of a key's owner, or that of a DMS node. */
type By<Whose extends 'service' | 'operator' | 'owner' | 'node'> = { readonly by: Whose };

/** Started, with these settings. */
type ServiceStarted = By<'operator'> & {
  readonly type: 'service-started';
  readonly authority: string;
  readonly clock: ClockKind;
  readonly registration: RegistrationPolicy;
};

/** An epoch began. `time` is what the clock shows from now on. */
type ClockChanged = By<'service' | 'operator'> & {
  readonly type: 'clock-changed';
  readonly cause: 'start' | 'set' | 'reset' | 'confirmed';
  readonly clock: ClockKind;
  readonly epoch: number;
  readonly time: number;
  readonly offsetMs: number;
};

/** Serial and fingerprints in hexadecimal. A root is its own issuer. */
type CertificateIssued = By<'service' | 'operator' | 'owner'> & {
  readonly type: 'certificate-issued';
  readonly profile: ProfileName;
  readonly serial: string;
  readonly subject: Subject;
  readonly sha256: string;
  readonly issuer: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly hosts?: readonly string[];
  readonly house?: HouseId;
};

/** A key took a user name, by the invite of this number if it took one. */
type Enrolled = By<'owner'> & { readonly type: 'enrolled'; readonly subject: Subject; readonly invite?: number };

/** Those with the number `first` and the `count - 1` numbers after it. */
type InvitesMade = By<'operator'> & {
  readonly type: 'invites-made';
  readonly first: number;
  readonly count: number;
  readonly expiresAt: number;
};

/** A key was withdrawn, with every certificate of it; `serial` is the one that was named. */
type CertificateRevoked = By<'operator' | 'owner'> & {
  readonly type: 'certificate-revoked';
  readonly serial: string;
  readonly subject: Subject;
  readonly reason: RevocationReason;
};

/** An access token is about to be signed for the holder of this certificate. */
type TokenIssued = By<'owner'> & {
  readonly type: 'token-issued';
  readonly subject: Subject;
  readonly serial: string;
  readonly jti: string;
  readonly expiresAt: number;
};

/** The parties of a sale were named to each other; `again`: in the same words as before. `node` is who asked. */
type SaleDisclosed = By<'node'> & {
  readonly type: 'sale-disclosed';
  readonly house: HouseId;
  readonly lot: LotId;
  readonly node: Subject;
  readonly again: boolean;
};

/** A house has shown the witness a journal that does not continue the one before. The first time of each house is told. */
type LogContradicted = By<'node'> & {
  readonly type: 'log-contradicted';
  readonly house: HouseId;
  /** Who signed what was shown. */
  readonly node: Subject;
  readonly seen: LogHead;
  readonly shown: LogHead;
};

/** How many records, and the root of the tree over them in hexadecimal. */
interface LogHead {
  readonly size: number;
  readonly root: string;
}

/** The state was put back from a backup of `madeAt`: what was told between that time and this is lost. */
type StateRestored = By<'operator'> & {
  readonly type: 'state-restored';
  readonly madeAt: number;
  /** The first that are given out from now on. */
  readonly epoch: number;
  readonly nextSerial: number;
  readonly endedInvites: number;
  readonly revokedKeys: number;
  readonly unknownRevoked: number;
};

/** A key of the authority took its next place: published, in use, no more in use, or known to the archive alone. */
type KeyRotated = By<'service' | 'operator'> & {
  readonly type: 'key-rotated';
  readonly role: RotationRole;
  readonly kid: string;
  readonly state: KeyState;
};

export type AuditEvent =
  | StateRestored
  | ServiceStarted
  | ClockChanged
  | CertificateIssued
  | Enrolled
  | InvitesMade
  | CertificateRevoked
  | TokenIssued
  | SaleDisclosed
  | LogContradicted
  | KeyRotated;

/** The event of a certificate that is about to leave. */
export function certificateIssued(
  by: CertificateIssued['by'],
  profile: ProfileName,
  certificate: Certificate,
  issuer: Certificate,
): AuditEvent {
  const { serialHex: serial, subject, sha256, notBefore, notAfter, hosts, house } = certificate;
  return {
    type: 'certificate-issued',
    by,
    profile,
    serial,
    subject,
    sha256,
    issuer: issuer.sha256,
    notBefore,
    notAfter,
    ...(hosts === undefined ? {} : { hosts }),
    ...(house === undefined ? {} : { house }),
  };
}
