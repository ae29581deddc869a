/**
 * Writes what is to be signed: the TBS of certificates and revocation lists. The closed profiles leave little to assemble,
 * a dozen fields, each in one byte form. Nothing is signed here.
 */
import { exportSpki, type P256PrivateKey, type P256PublicKey } from '#platform/p256.ts';
import { invariant } from '../invariant.ts';
import type { RevocationReason } from '../wire/http-endpoints.ts';
import type { HouseId } from '../wire/vocabulary.ts';
import type { Certificate } from './certificate.ts';
import {
  encodeAuthorityKeyIdentifier,
  type HolderFacts,
  hasFactsOf,
  profileExtensions,
} from './certificate-extensions.ts';
import { PROFILES, type ProfileName } from './certificate-profile.ts';
import { TAG } from './der.ts';
import { encodeCommonName, encodeDer, encodeInteger, encodePositive, encodeTime } from './encode-der.ts';
import { encodeListNumber, encodeReason } from './revocation-list.ts';
import { ECDSA_WITH_SHA256, keyIdentifierOf } from './signed-structure.ts';

const VERSION_3 = 2;
const LIST_VERSION_2 = 1;

export interface CertificateOrder {
  readonly profile: ProfileName;
  readonly publicKey: P256PublicKey;
  /** The private key that signs, and its certificate. Without one the certificate signs itself: a root. */
  readonly issuer: { readonly key: P256PrivateKey; readonly certificate?: Certificate };
  /** Hexadecimal; 126 random bits if absent. */
  readonly serialHex?: string | undefined;
  /** Milliseconds since the Unix epoch; both are cut to whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** What the profile says about its holder: each that it carries, and no other. */
  readonly agreementKey?: Uint8Array | undefined;
  readonly hosts?: readonly string[] | undefined;
  readonly house?: HouseId | undefined;
}

/** An order whose serial was drawn. */
export interface NumberedOrder extends CertificateOrder {
  readonly serialHex: string;
}

/**
 * TBSCertificate (RFC 5280 section 4.1.2).
 * @throws ProtocolError 'malformed' for a host that is neither a DNS name nor an IP address, or for too many of them
 */
export function encodeTbsCertificate(order: NumberedOrder): Uint8Array {
  const { publicKey, issuer } = order;
  const profile = PROFILES[order.profile];
  const facts = factsOf(order);
  invariant(hasFactsOf(profile, facts), `an order for '${order.profile}' has what that profile carries`);
  const spki = exportSpki(publicKey);
  const subject = encodeCommonName(profile.commonName);
  const issuerKey = issuer.certificate === undefined ? {} : { issuer: issuer.certificate.keyIdentifier };
  const extensions = profileExtensions(profile, facts, { subject: keyIdentifierOf(spki), ...issuerKey });
  return encodeDer(
    TAG.sequence,
    encodeDer(TAG.context0, encodeInteger(VERSION_3)),
    encodePositive(order.serialHex),
    ECDSA_WITH_SHA256,
    issuer.certificate?.subjectDer ?? subject,
    encodeDer(TAG.sequence, encodeTime(order.notBefore), encodeTime(order.notAfter)),
    subject,
    spki,
    encodeDer(TAG.context3, encodeDer(TAG.sequence, ...extensions)),
  );
}

function factsOf({ agreementKey, hosts, house }: CertificateOrder): HolderFacts {
  return {
    ...(agreementKey === undefined ? {} : { agreementKey }),
    ...(hosts === undefined ? {} : { hosts }),
    ...(house === undefined ? {} : { house }),
  };
}

export interface RevocationListOrder {
  readonly issuer: { readonly key: P256PrivateKey; readonly certificate: Certificate };
  /** Grows from list to list. */
  readonly number: number;
  /** Milliseconds since the Unix epoch; all are cut to whole seconds. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** No serial twice. */
  readonly revoked: readonly RevocationEntry[];
}

export interface RevocationEntry {
  readonly serialHex: string;
  readonly revokedAt: number;
  readonly reason: RevocationReason;
}

/** TBSCertList (RFC 5280 section 5.1.2). */
export function encodeTbsRevocationList(order: RevocationListOrder): Uint8Array {
  const { certificate } = order.issuer;
  const entries = order.revoked.map(encodeEntry);
  const extensions = [encodeAuthorityKeyIdentifier(certificate.keyIdentifier), encodeListNumber(order.number)];
  return encodeDer(
    TAG.sequence,
    encodeInteger(LIST_VERSION_2),
    ECDSA_WITH_SHA256,
    certificate.subjectDer,
    encodeTime(order.thisUpdate),
    encodeTime(order.nextUpdate),
    ...(entries.length === 0 ? [] : [encodeDer(TAG.sequence, ...entries)]),
    encodeDer(TAG.context0, encodeDer(TAG.sequence, ...extensions)),
  );
}

function encodeEntry({ serialHex, revokedAt, reason }: RevocationEntry): Uint8Array {
  // RFC 5280 section 5.3.1: no reason is said by saying nothing.
  const extensions = reason === 'unspecified' ? [] : [encodeDer(TAG.sequence, encodeReason(reason))];
  return encodeDer(TAG.sequence, encodePositive(serialHex), encodeTime(revokedAt), ...extensions);
}
