/**
 * Builds certificates, requests and revocation lists. The closed profiles leave little to assemble: a dozen fields, each
 * in one byte form. What comes out has passed our own verifier before anybody sees it.
 */
import { type KeyObject, randomBytes, sign } from 'node:crypto';
import type { P256KeyPair } from '../crypto/ecdsa.ts';
import { invariant } from '../invariant.ts';
import type { RevocationReason } from '../wire/http-endpoints.ts';
import type { HouseId } from '../wire/vocabulary.ts';
import type { Certificate } from './certificate.ts';
import {
  encodeAgreementKey,
  encodeAuthorityKeyIdentifier,
  type HolderFacts,
  hasFactsOf,
  profileExtensions,
} from './certificate-extensions.ts';
import { OID, PROFILES, type ProfileName } from './certificate-profile.ts';
import { TAG } from './der.ts';
import {
  encodeBits,
  encodeCommonName,
  encodeDer,
  encodeInteger,
  encodeObjectIdentifier,
  encodePositive,
  encodeTime,
} from './encode-der.ts';
import { encodePem } from './pem.ts';
import { encodeListNumber, encodeReason } from './revocation-list.ts';
import { ECDSA_WITH_SHA256, keyIdentifierOf } from './signed-structure.ts';
import { parseCertificateDer, verifyStep } from './verify-certificate.ts';

const SERIAL_BYTES = 16;
const VERSION_3 = 2;
const LIST_VERSION_2 = 1;
const REQUEST_VERSION_1 = 0;

export interface CertificateOrder {
  readonly profile: ProfileName;
  readonly publicKey: KeyObject;
  /** The private key that signs, and its certificate. Without one the certificate signs itself: a root. */
  readonly issuer: { readonly key: KeyObject; readonly certificate?: Certificate };
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

/**
 * Issues a certificate of a profile (RFC 5280 section 4.1).
 * @throws ProtocolError 'malformed' for a host that is neither a DNS name nor an IP address, or for too many of them
 */
export async function buildCertificate(order: CertificateOrder): Promise<Certificate> {
  const { publicKey, issuer, serialHex = randomSerial() } = order;
  const profile = PROFILES[order.profile];
  const facts = factsOf(order);
  invariant(hasFactsOf(profile, facts), `an order for '${order.profile}' has what that profile carries`);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const subject = encodeCommonName(profile.commonName);
  const issuerKey = issuer.certificate === undefined ? {} : { issuer: issuer.certificate.keyIdentifier };
  const extensions = profileExtensions(profile, facts, { subject: keyIdentifierOf(spki), ...issuerKey });
  const tbs = encodeDer(
    TAG.sequence,
    encodeDer(TAG.context0, encodeInteger(VERSION_3)),
    encodePositive(serialHex),
    ECDSA_WITH_SHA256,
    issuer.certificate?.subjectDer ?? subject,
    encodeDer(TAG.sequence, encodeTime(order.notBefore), encodeTime(order.notAfter)),
    subject,
    spki,
    encodeDer(TAG.context3, encodeDer(TAG.sequence, ...extensions)),
  );
  const certificate = parseCertificateDer(await signStructure(tbs, issuer.key));
  verifyStep(certificate, order.profile, issuer.certificate ?? certificate);
  return certificate;
}

/** A certification request in PEM (RFC 2986), signed by the key that it is for. */
export async function buildCertificationRequest(keys: P256KeyPair, agreementKey?: Uint8Array): Promise<string> {
  const info = encodeDer(
    TAG.sequence,
    encodeInteger(REQUEST_VERSION_1),
    // Nobody reads the name: the authority sets its own.
    encodeCommonName(PROFILES.participant.commonName),
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    encodeDer(TAG.context0, ...(agreementKey === undefined ? [] : [encodeExtensionRequest(agreementKey)])),
  );
  return encodePem('CERTIFICATE REQUEST', await signStructure(info, keys.privateKey));
}

/** RFC 2985 section 5.4.2: the extensions that the certificate should have. */
function encodeExtensionRequest(agreementKey: Uint8Array): Uint8Array {
  const extensions = encodeDer(TAG.sequence, encodeAgreementKey(agreementKey));
  return encodeDer(TAG.sequence, encodeObjectIdentifier(OID.extensionRequest), encodeDer(TAG.set, extensions));
}

export interface RevocationListOrder {
  readonly issuer: { readonly key: KeyObject; readonly certificate: Certificate };
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

/** A revocation list in DER (RFC 5280 section 5.1). */
export function buildRevocationList(order: RevocationListOrder): Promise<Uint8Array> {
  const { certificate, key } = order.issuer;
  const entries = order.revoked.map(encodeEntry);
  const extensions = [encodeAuthorityKeyIdentifier(certificate.keyIdentifier), encodeListNumber(order.number)];
  const tbs = encodeDer(
    TAG.sequence,
    encodeInteger(LIST_VERSION_2),
    ECDSA_WITH_SHA256,
    certificate.subjectDer,
    encodeTime(order.thisUpdate),
    encodeTime(order.nextUpdate),
    ...(entries.length === 0 ? [] : [encodeDer(TAG.sequence, ...entries)]),
    encodeDer(TAG.context0, encodeDer(TAG.sequence, ...extensions)),
  );
  return signStructure(tbs, key);
}

function encodeEntry({ serialHex, revokedAt, reason }: RevocationEntry): Uint8Array {
  // RFC 5280 section 5.3.1: no reason is said by saying nothing.
  const extensions = reason === 'unspecified' ? [] : [encodeDer(TAG.sequence, encodeReason(reason))];
  return encodeDer(TAG.sequence, encodePositive(serialHex), encodeTime(revokedAt), ...extensions);
}

/** The signed part, the algorithm and the signature. */
function signStructure(tbs: Uint8Array, key: KeyObject): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    sign('sha256', tbs, { key, dsaEncoding: 'der' }, (error, signature) => {
      if (error === null) resolve(encodeDer(TAG.sequence, tbs, ECDSA_WITH_SHA256, encodeBits(signature)));
      else reject(error);
    });
  });
}

/** 16 bytes of which the first is never 0 and never negative: 126 random bits, always of one length. */
function randomSerial(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes.writeUInt8((bytes.readUInt8() & 0x3f) | 0x40);
  return bytes.toString('hex');
}

function factsOf({ agreementKey, hosts, house }: CertificateOrder): HolderFacts {
  return {
    ...(agreementKey === undefined ? {} : { agreementKey }),
    ...(hosts === undefined ? {} : { hosts }),
    ...(house === undefined ? {} : { house }),
  };
}
