/**
 * Builds certificates, requests and revocation lists. Nothing that could be taken for a word of the authority is signed
 * by its key before our own verifier has accepted the very same bytes.
 */
import { exportSpki } from '#platform/p256.ts';
import { encodeHex } from '../bytes.ts';
import type { P256KeyPair } from '../crypto/ecdsa.ts';
import { randomBytes } from '../crypto/random.ts';
import type { Certificate } from './certificate.ts';
import { encodeAgreementKey } from './certificate-extensions.ts';
import { OID, PROFILES, type ProfileName } from './certificate-profile.ts';
import { TAG } from './der.ts';
import { encodeCommonName, encodeDer, encodeInteger, encodeObjectIdentifier } from './encode-der.ts';
import {
  type CertificateOrder,
  encodeTbsCertificate,
  encodeTbsRevocationList,
  type NumberedOrder,
  type RevocationListOrder,
} from './encode-tbs.ts';
import { encodePem } from './pem.ts';
import { encodeSigned, signerOf } from './sign-linted.ts';
import { demandWithin, signCertificate, signRevocationList } from './sign-to-order.ts';
import { type VerifiedCertificate, verifyCertificate, verifyStep } from './verify-certificate.ts';

export type { CertificateOrder, RevocationListOrder };

const SERIAL_BYTES = 16;
const REQUEST_VERSION_1 = 0;

/**
 * Issues a certificate of a profile (RFC 5280 section 4.1).
 * @throws ProtocolError 'malformed' for a host that is neither a DNS name nor an IP address, or for too many of them;
 *   LintFailure, a mistake of ours, if what was to be signed is not exactly what was ordered
 */
export function buildCertificate(order: CertificateOrder): Promise<Certificate> {
  const numbered = withSerial(order);
  return signCertificate(
    encodeTbsCertificate(numbered),
    numbered,
    signerOf(order.issuer.key),
    (certificate, issuer) => {
      verifyStep(certificate, order.profile, issuer);
      return certificate;
    },
  );
}

/** What the verifier of a certificate's whole path goes by. */
export interface PathTrust {
  readonly root: Certificate;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** The same within its issuer's life, its whole path verified at the time at which it is to be used. Throws as `buildCertificate`. */
export function buildVerifiedCertificate<Profile extends ProfileName>(
  order: CertificateOrder & { readonly profile: Profile },
  { root, at }: PathTrust,
): Promise<VerifiedCertificate<Profile>> {
  const numbered = withSerial(order);
  return signCertificate(
    encodeTbsCertificate(numbered),
    numbered,
    signerOf(order.issuer.key),
    (certificate, issuer) => {
      demandWithin(certificate, issuer);
      return verifyCertificate(certificate, order.profile, { root, issuer, at });
    },
  );
}

/** A revocation list in DER (RFC 5280 section 5.1), current at `at`. Throws LintFailure, a mistake of ours. */
export function buildRevocationList(order: RevocationListOrder, at: number = order.thisUpdate): Promise<Uint8Array> {
  return signRevocationList(encodeTbsRevocationList(order), order, signerOf(order.issuer.key), at);
}

/** A certification request in PEM (RFC 2986), signed by the key that it is for. */
export async function buildCertificationRequest(keys: P256KeyPair, agreementKey?: Uint8Array): Promise<string> {
  const info = encodeDer(
    TAG.sequence,
    encodeInteger(REQUEST_VERSION_1),
    // Nobody reads the name: the authority sets its own.
    encodeCommonName(PROFILES.participant.commonName),
    exportSpki(keys.publicKey),
    encodeDer(TAG.context0, ...(agreementKey === undefined ? [] : [encodeExtensionRequest(agreementKey)])),
  );
  return encodePem('CERTIFICATE REQUEST', encodeSigned(info, await signerOf(keys.privateKey)(info)));
}

/** RFC 2985 section 5.4.2: the extensions that the certificate should have. */
function encodeExtensionRequest(agreementKey: Uint8Array): Uint8Array {
  const extensions = encodeDer(TAG.sequence, encodeAgreementKey(agreementKey));
  return encodeDer(TAG.sequence, encodeObjectIdentifier(OID.extensionRequest), encodeDer(TAG.set, extensions));
}

function withSerial(order: CertificateOrder): NumberedOrder {
  return { ...order, serialHex: order.serialHex ?? randomSerial() };
}

/** 16 bytes of which the first is never 0 and never negative: 126 random bits, always of one length. */
function randomSerial(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return encodeHex(bytes);
}
