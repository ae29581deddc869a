/** Writes RFC 3161 replies (section 2.4.2): a granted one around CMS SignedData (RFC 5652), or a rejection that says why. */
import { utf8 } from '../../shared/bytes.ts';
import type { Certificate } from '../../shared/pki/certificate.ts';
import { TAG } from '../../shared/pki/der.ts';
import { encodeEcdsaSignature } from '../../shared/pki/ecdsa-signature.ts';
import { encodeDer, encodeInteger, encodePositive, encodeSetOf } from '../../shared/pki/encode-der.ts';
import { ECDSA_WITH_SHA256 } from '../../shared/pki/signed-structure.ts';
import { CMS_OID } from '../../shared/timestamp/rfc3161.ts';
import { signedAttributesOf } from '../../shared/timestamp/signed-attributes.ts';
import { SHA256_ALGORITHM } from '../../shared/timestamp/tst-info.ts';

/** PKIFailureInfo: the bit that stands for each reason. */
const FAILURE_BITS = {
  badAlg: 0,
  badRequest: 2,
  badDataFormat: 5,
  timeNotAvailable: 14,
  unacceptedPolicy: 15,
  unacceptedExtension: 16,
  systemFailure: 25,
} as const;
export type TimestampFailure = keyof typeof FAILURE_BITS;

const GRANTED = 0;
const REJECTION = 2;
/** RFC 5652 section 5.1: content that is not plain data makes it 3. Section 5.3: a signer named by its issuer is of 1. */
const SIGNED_DATA_VERSION = 3;
const SIGNER_INFO_VERSION = 1;

/** What the signer signs, and the attributes that go into the token. */
export interface AttributesToSign {
  /** Each attribute's DER. */
  readonly attributes: readonly Uint8Array[];
  /** They as a SET (RFC 5652 section 5.4). */
  readonly signedBytes: Uint8Array;
}

/** The attributes to sign over a TSTInfo by the holder of this certificate. */
export function encodeAttributes(content: Uint8Array, certificate: Certificate): AttributesToSign {
  const { contentType, messageDigest, signingCertificateV2 } = signedAttributesOf(content, certificate.der);
  const attributes = [
    encodeAttribute(CMS_OID.contentType, contentType),
    encodeAttribute(CMS_OID.messageDigest, messageDigest),
    encodeAttribute(CMS_OID.signingCertificateV2, signingCertificateV2),
  ];
  return { attributes, signedBytes: encodeSetOf(attributes) };
}

function encodeAttribute(oid: Uint8Array, value: Uint8Array): Uint8Array {
  return encodeDer(TAG.sequence, oid, encodeDer(TAG.set, value));
}

export interface TokenParts {
  /** The TSTInfo. */
  readonly content: Uint8Array;
  readonly attributes: readonly Uint8Array[];
  /** 64 bytes r ‖ s over the attributes as a SET. */
  readonly signature: Uint8Array;
  readonly signer: Certificate;
  /** The certificates to include. */
  readonly certificates: readonly Certificate[];
}

/** The reply with a token. */
export function encodeGrantedReply(parts: TokenParts): Uint8Array {
  const token = encodeDer(TAG.sequence, CMS_OID.signedData, encodeDer(TAG.context0, encodeSignedData(parts)));
  return encodeDer(TAG.sequence, encodeDer(TAG.sequence, encodeInteger(GRANTED)), token);
}

function encodeSignedData({ content, certificates, ...signing }: TokenParts): Uint8Array {
  const encapsulated = encodeDer(TAG.context0, encodeDer(TAG.octetString, content));
  const ders = certificates.map(({ der }) => der);
  return encodeDer(
    TAG.sequence,
    encodeInteger(SIGNED_DATA_VERSION),
    encodeSetOf([SHA256_ALGORITHM]),
    encodeDer(TAG.sequence, CMS_OID.tstInfo, encapsulated),
    ...(ders.length === 0 ? [] : [encodeSetOf(ders, TAG.context0)]),
    encodeSetOf([encodeSignerInfo(signing)]),
  );
}

function encodeSignerInfo({ attributes, signature, signer }: Omit<TokenParts, 'content' | 'certificates'>): Uint8Array {
  return encodeDer(
    TAG.sequence,
    encodeInteger(SIGNER_INFO_VERSION),
    encodeDer(TAG.sequence, signer.issuerDer, encodePositive(signer.serialHex)),
    SHA256_ALGORITHM,
    encodeSetOf(attributes, TAG.context0),
    ECDSA_WITH_SHA256,
    encodeDer(TAG.octetString, encodeEcdsaSignature(signature)),
  );
}

/** The reply without a token. `advice` is for people; it holds nothing of what was sent. */
export function encodeRejection(failure: TimestampFailure, advice: string): Uint8Array {
  const text = encodeDer(TAG.sequence, encodeDer(TAG.utf8String, utf8.encode(advice)));
  const status = encodeDer(TAG.sequence, encodeInteger(REJECTION), text, encodeFailure(FAILURE_BITS[failure]));
  return encodeDer(TAG.sequence, status);
}

/** A BIT STRING with this one bit; the zeros after it are left out (X.690 section 11.2.2). */
function encodeFailure(bit: number): Uint8Array {
  const bytes = new Uint8Array(Math.floor(bit / 8) + 1);
  bytes[bytes.length - 1] = 0x80 >> (bit % 8);
  return encodeDer(TAG.bitString, Uint8Array.of(7 - (bit % 8)), bytes);
}
