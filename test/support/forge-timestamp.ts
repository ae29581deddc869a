/** RFC 3161 replies with any field changed and everything above it signed again: only that field can be the reason. */
import { createHash, sign } from 'node:crypto';
import { hasLowS } from '../../shared/crypto/ecdsa.ts';
import { TAG } from '../../shared/pki/der.ts';
import { encodeDer, encodeInteger, encodeObjectIdentifier, encodePositive } from '../../shared/pki/encode-der.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import { ECDSA_SHA256, hex } from './edit-certificate.ts';
import type { Issued, TestAuthority } from './test-authority.ts';

/** The policies as docs/PROTOCOL.md has them, not as the product says. */
export const POLICY_UUID = '7f2d3187-8344-4aa5-ba0f-47ae9171ce67';
export const POLICY_OIDS = {
  real: `2.25.${BigInt(`0x${POLICY_UUID.replaceAll('-', '')}`)}.1`,
  simulated: `2.25.${BigInt(`0x${POLICY_UUID.replaceAll('-', '')}`)}.2`,
} as const;

export const SHA256: Uint8Array = hex('300b 0609608648016503040201');
export const SHA256_NULL: Uint8Array = hex('300d 0609608648016503040201 0500');
export const SHA512: Uint8Array = hex('300b 0609608648016503040203');
export const TST_INFO = '1.2.840.113549.1.9.16.1.4';
export const NOTHING: Uint8Array = new Uint8Array();

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());
export const seq = (...parts: readonly Uint8Array[]): Uint8Array => encodeDer(TAG.sequence, ...parts);
export const set = (...parts: readonly Uint8Array[]): Uint8Array => encodeDer(TAG.set, ...parts);
export const oid = encodeObjectIdentifier;
export const octets = (bytes: Uint8Array): Uint8Array => encodeDer(TAG.octetString, bytes);
export const messageImprint = (digest: Uint8Array, algorithm = SHA256): Uint8Array => seq(algorithm, octets(digest));
/** GeneralizedTime of this text. */
export const timeText = (text: string): Uint8Array => encodeDer(TAG.generalizedTime, Buffer.from(text));

const byBytes = (parts: readonly Uint8Array[]) => [...parts].sort(Buffer.compare);

/** An attribute of this type with these values. */
export const attribute = (type: string, ...values: Uint8Array[]): Uint8Array => seq(oid(type), set(...values));
export const contentTypeAttribute = (type = TST_INFO): Uint8Array => attribute('1.2.840.113549.1.9.3', oid(type));
export const digestAttribute = (digest: Uint8Array): Uint8Array => attribute('1.2.840.113549.1.9.4', octets(digest));
/** SigningCertificateV2 over these hashes of certificates. */
export const essAttribute = (...ids: Uint8Array[]): Uint8Array =>
  attribute('1.2.840.113549.1.9.16.2.47', seq(seq(...ids)));
export const essId = (certificate: Certificate): Uint8Array => seq(octets(sha256(certificate.der)));

/** Every field of a reply; what is absent is as the authority would write it. All are whole DER but where it says otherwise. */
export interface Forgery {
  readonly statusInfo?: Uint8Array;
  readonly afterToken?: Uint8Array;
  readonly contentType?: Uint8Array;
  readonly signedDataVersion?: Uint8Array;
  readonly digestAlgorithms?: Uint8Array;
  readonly encapsulatedType?: Uint8Array;
  readonly tst?: Partial<TstFields>;
  /** What the OCTET STRING holds, instead of a TSTInfo of `tst`. */
  readonly content?: Uint8Array;
  /** Certificates, each as DER; as they come. */
  readonly certificates?: readonly Uint8Array[];
  readonly afterCertificates?: Uint8Array;
  readonly signerVersion?: Uint8Array;
  readonly issuerAndSerial?: Uint8Array;
  readonly signerDigest?: Uint8Array;
  /** Each attribute; sorted here unless `unsorted`. */
  readonly attributes?: (good: { content: Uint8Array; signer: Certificate }) => readonly Uint8Array[];
  readonly unsorted?: boolean;
  readonly signatureAlgorithm?: Uint8Array;
  /** Turns the good signature (DER) into another. */
  readonly signature?: (good: Uint8Array) => Uint8Array;
  readonly afterSignature?: Uint8Array;
  readonly moreSigners?: (signer: Uint8Array) => readonly Uint8Array[];
  /** Whose key signs, and whose certificate is named and included. */
  readonly signer?: Issued;
  readonly issuer?: Certificate;
  /** Signs with another key than that of the certificate. */
  readonly key?: Issued;
}

export interface TstFields {
  version: Uint8Array;
  policy: Uint8Array;
  imprint: Uint8Array;
  serial: Uint8Array;
  time: Uint8Array;
  accuracy: Uint8Array;
  nonce: Uint8Array;
  more: Uint8Array;
}

/** What a good reply says. */
export interface GoodReply {
  readonly authority: TestAuthority;
  readonly signer: Issued;
  readonly digest: Uint8Array;
  readonly nonce: Uint8Array;
  readonly time: Uint8Array;
}

export function forgeReply(good: GoodReply, forged: Forgery = {}): Uint8Array {
  const { statusInfo = seq(encodeInteger(0)), afterToken = NOTHING } = forged;
  const { contentType = oid('1.2.840.113549.1.7.2') } = forged;
  const token = seq(contentType, encodeDer(TAG.context0, signedData(good, forged)));
  return seq(statusInfo, token, afterToken);
}

function signedData(good: GoodReply, forged: Forgery): Uint8Array {
  const { signer = good.signer, issuer = good.authority.issuer.certificate } = forged;
  const { content = tstInfo(good, forged.tst) } = forged;
  const { certificates = byBytes([signer.certificate.der, issuer.der]) } = forged;
  const info = signerInfo(content, signer, forged);
  return seq(
    forged.signedDataVersion ?? encodeInteger(3),
    forged.digestAlgorithms ?? set(SHA256),
    seq(forged.encapsulatedType ?? oid(TST_INFO), encodeDer(TAG.context0, octets(content))),
    certificates.length === 0 ? NOTHING : encodeDer(TAG.context0, ...certificates),
    forged.afterCertificates ?? NOTHING,
    set(...byBytes([info, ...(forged.moreSigners?.(info) ?? [])])),
  );
}

export function tstInfo(good: GoodReply, forged: Partial<TstFields> = {}): Uint8Array {
  const fields: TstFields = {
    version: encodeInteger(1),
    policy: oid(POLICY_OIDS.real),
    imprint: messageImprint(good.digest),
    serial: encodeInteger(77),
    time: good.time,
    accuracy: seq(encodeInteger(1)),
    nonce: good.nonce,
    more: NOTHING,
    ...forged,
  };
  const { version, policy, imprint, serial, time, accuracy, nonce, more } = fields;
  return seq(version, policy, imprint, serial, time, accuracy, nonce, more);
}

/** The attributes of a good reply. */
export function goodAttributes({ content, signer }: { content: Uint8Array; signer: Certificate }): Uint8Array[] {
  return [contentTypeAttribute(), digestAttribute(sha256(content)), essAttribute(essId(signer))];
}

function signerInfo(content: Uint8Array, signer: Issued, forged: Forgery): Uint8Array {
  const { certificate } = signer;
  const made = (forged.attributes ?? goodAttributes)({ content, signer: certificate });
  const attributes = forged.unsorted === true ? made : byBytes(made);
  const signature = lowSignature(set(...attributes), forged.key ?? signer);
  return seq(
    forged.signerVersion ?? encodeInteger(1),
    forged.issuerAndSerial ?? seq(certificate.issuerDer, encodePositive(certificate.serialHex)),
    forged.signerDigest ?? SHA256,
    attributes.length === 0 ? NOTHING : encodeDer(TAG.context0, ...attributes),
    forged.signatureAlgorithm ?? ECDSA_SHA256,
    octets(forged.signature?.(signature) ?? signature),
    forged.afterSignature ?? NOTHING,
  );
}

/** In DER, with the lower of the two values s. Signing is not deterministic: half of the attempts are it. */
function lowSignature(bytes: Uint8Array, { keys }: Issued): Uint8Array {
  for (;;) {
    const plain = sign('sha256', bytes, { key: keys.privateKey, dsaEncoding: 'ieee-p1363' });
    if (!hasLowS(plain)) continue;
    const text = plain.toString('hex');
    return seq(encodePositive(text.slice(0, 64)), encodePositive(text.slice(64)));
  }
}
