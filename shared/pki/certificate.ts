/** A certificate, read strictly: its form is right. Who issued it, and whether it may be used, is for verify-certificate.ts. */
import type { P256PublicKey } from '#platform/p256.ts';
import { encodeBase64url, encodeHex } from '../bytes.ts';
import { sha256 } from '../crypto/digest.ts';
import { jwkThumbprint } from '../crypto/jwk-thumbprint.ts';
import { MAX_CERTIFICATE_BYTES } from '../wire/limits.ts';
import type { CertificatePem, HouseId, Instant, Subject } from '../wire/vocabulary.ts';
import { type Extension, readExtensions, readFacts } from './certificate-extensions.ts';
import { demand, TAG } from './der.ts';
import { DerFields, positiveIntegerHex, sequenceFields, takeTime } from './der-fields.ts';
import { encodePem } from './pem.ts';
import {
  demandAlgorithm,
  keyIdentifierOf,
  readSigned,
  readSubjectKey,
  type SignedStructure,
} from './signed-structure.ts';

export interface Certificate {
  /** In its one canonical form, whatever the form that it arrived in. */
  readonly pem: CertificatePem;
  readonly der: Uint8Array;
  /** Lower-case hexadecimal, without a sign byte. Together with the issuer it names the certificate. */
  readonly serialHex: string;
  readonly subjectDer: Uint8Array;
  readonly issuerDer: Uint8Array;
  readonly publicKey: P256PublicKey;
  readonly notBefore: Instant;
  /** The last instant at which the certificate is valid. */
  readonly notAfter: Instant;
  /** RFC 7638 thumbprint of the key. */
  readonly subject: Subject;
  /** SHA-256 of the DER, lower-case hexadecimal: the fingerprint that people compare. */
  readonly sha256: string;
  /** The same in base64url (`x5t#S256`, RFC 7515 section 4.1.8). */
  readonly x5tS256: string;
  /** The identifier that its key has, 20 bytes, see `keyIdentifierOf`. */
  readonly keyIdentifier: Uint8Array;
  readonly extensions: readonly Extension[];
  readonly signed: SignedStructure;
  /** Raw X25519 public key, 32 bytes; participants alone. */
  readonly agreementKey?: Uint8Array;
  /** DNS names and addresses; servers alone. */
  readonly hosts?: readonly string[];
  /** DMS nodes alone. */
  readonly house?: HouseId;
}

const MAX_SERIAL_BYTES = 20;

/**
 * Reads DER as RFC 5280 section 4.1 has it and this system issues it: every field there once, no unique identifiers.
 * Throws a `DerError`.
 */
export function readCertificate(der: Uint8Array): Certificate {
  demand(der.byteLength <= MAX_CERTIFICATE_BYTES, 'the certificate is too long');
  const signed = readSigned(der, 'the certificate');
  const fields = new DerFields(signed.tbs);
  const version = fields.take(TAG.context0, 'the version').content;
  demand(encodeHex(version) === '020102', 'the version is not 3');
  const serialHex = positiveIntegerHex(fields.take(TAG.integer, 'the serial'), MAX_SERIAL_BYTES, 'the serial');
  demandAlgorithm(fields.take(TAG.sequence, 'the algorithm in the signed part'));
  const issuer = fields.take(TAG.sequence, 'the issuer');
  const validity = sequenceFields(fields.take(TAG.sequence, 'the validity'), 'the validity');
  const notBefore = takeTime(validity, 'notBefore');
  const notAfter = takeTime(validity, 'notAfter');
  validity.end('the validity');
  const subject = fields.take(TAG.sequence, 'the subject');
  const spki = fields.take(TAG.sequence, 'the key');
  const publicKey = readSubjectKey(spki);
  const wrapper = new DerFields(fields.take(TAG.context3, 'the list of extensions'));
  const extensions = readExtensions(wrapper.take(TAG.sequence, 'the list of extensions'));
  wrapper.end('the list of extensions');
  fields.end('the certificate');
  const digest = sha256(der);
  return {
    // The two casts are where these types begin: PEM made here, times checked by takeTime.
    pem: encodePem('CERTIFICATE', der) as CertificatePem,
    der,
    serialHex,
    subjectDer: subject.encoded,
    issuerDer: issuer.encoded,
    publicKey,
    notBefore: notBefore as Instant,
    notAfter: notAfter as Instant,
    subject: jwkThumbprint(publicKey),
    sha256: encodeHex(digest),
    x5tS256: encodeBase64url(digest),
    keyIdentifier: keyIdentifierOf(spki.encoded),
    extensions,
    signed,
    ...readFacts(extensions),
  };
}
