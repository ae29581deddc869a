/** The extensions of a profile as bytes: what the issuer writes is what the verifier compares with. */
import { concatBytes, encodeHex, equalBytes } from '../bytes.ts';
import type { HouseId } from '../wire/vocabulary.ts';
import { encodeAlternativeNames, readAlternativeNames } from './alternative-names.ts';
import { type CertificateProfile, OID } from './certificate-profile.ts';
import { type DerElement, demand, parseDer, TAG } from './der.ts';
import { type DerFields, sequenceFields } from './der-fields.ts';
import { DER_TRUE, encodeDer, encodeInteger, encodeObjectIdentifier } from './encode-der.ts';

/** One extension of a certificate, a request or a revocation list. */
export interface Extension {
  /** The object identifier, DER in hexadecimal. */
  readonly oidHex: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
  readonly encoded: Uint8Array;
}

/** What a certificate says about its holder beyond the key. */
export interface HolderFacts {
  /** Raw X25519 public key, 32 bytes. */
  readonly agreementKey?: Uint8Array;
  readonly hosts?: readonly string[];
  readonly house?: HouseId;
}

/** Key identifiers of the certified key and, unless it signs itself, of its issuer's key. */
export interface KeyIdentifiers {
  readonly subject: Uint8Array;
  readonly issuer?: Uint8Array;
}

const AGREEMENT_KEY_BYTES = 32;
const KEY_IDENTIFIER = 0x80;

/** The extensions of a certificate of this profile, each as its whole DER, in the order of issue. */
export function profileExtensions(profile: CertificateProfile, facts: HolderFacts, keys: KeyIdentifiers): Uint8Array[] {
  const { pathLength, purpose, carries } = profile;
  const extensions: Uint8Array[] = [];
  if (pathLength !== undefined) {
    const constraints = encodeDer(TAG.sequence, DER_TRUE, encodeInteger(pathLength));
    extensions.push(encodeExtension(OID.basicConstraints, true, constraints));
  }
  extensions.push(encodeExtension(OID.keyUsage, true, keyUsage(pathLength !== undefined)));
  if (purpose !== undefined) {
    const purposes = encodeDer(TAG.sequence, encodeObjectIdentifier(purpose.oid));
    extensions.push(encodeExtension(OID.extendedKeyUsage, purpose.critical, purposes));
  }
  extensions.push(encodeExtension(OID.subjectKeyIdentifier, false, encodeDer(TAG.octetString, keys.subject)));
  if (keys.issuer !== undefined) extensions.push(encodeAuthorityKeyIdentifier(keys.issuer));
  if (carries.includes('hosts')) {
    const { hosts = [], house } = facts;
    const names = carries.includes('house') && house !== undefined ? { hosts, house } : { hosts };
    extensions.push(encodeExtension(OID.subjectAltName, false, encodeAlternativeNames(names)));
  }
  if (carries.includes('agreement-key')) extensions.push(encodeAgreementKey(facts.agreementKey ?? new Uint8Array()));
  return extensions;
}

/** Whether the facts are exactly those that the profile carries. */
export function hasFactsOf(profile: CertificateProfile, { agreementKey, hosts, house }: HolderFacts): boolean {
  const { carries } = profile;
  return (
    carries.includes('agreement-key') === (agreementKey?.byteLength === AGREEMENT_KEY_BYTES) &&
    carries.includes('hosts') === (hosts !== undefined && hosts.length > 0) &&
    carries.includes('house') === (house !== undefined)
  );
}

/** The key agreement extension: a participant's X25519 key as 32 raw bytes in an OCTET STRING, not critical. */
export function encodeAgreementKey(agreementKey: Uint8Array): Uint8Array {
  return encodeExtension(OID.agreementKey, false, encodeDer(TAG.octetString, agreementKey));
}

/** Names the key that signed, by its identifier alone (RFC 5280 section 4.2.1.1). */
export function encodeAuthorityKeyIdentifier(keyIdentifier: Uint8Array): Uint8Array {
  const value = encodeDer(TAG.sequence, encodeDer(KEY_IDENTIFIER, keyIdentifier));
  return encodeExtension(OID.authorityKeyIdentifier, false, value);
}

/** RFC 5280 section 4.1: `critical` is written only where it is true. */
export function encodeExtension(oid: string, critical: boolean, value: Uint8Array): Uint8Array {
  const flag = critical ? DER_TRUE : new Uint8Array();
  return encodeDer(TAG.sequence, encodeObjectIdentifier(oid), flag, encodeDer(TAG.octetString, value));
}

/** keyCertSign and cRLSign (bits 5, 6) for authorities, digitalSignature (bit 0) for leaves. */
function keyUsage(authority: boolean): Uint8Array {
  return encodeDer(TAG.bitString, authority ? Uint8Array.of(1, 0b0000_0110) : Uint8Array.of(7, 0b1000_0000));
}

/** Reads a list of extensions, none of them twice. Throws a `DerError`. */
export function readExtensions(list: DerElement): Extension[] {
  const extensions = list.children.map(readExtension);
  demand(list.tag === TAG.sequence && extensions.length > 0, 'the list of extensions is empty');
  const identifiers = new Set(extensions.map(({ oidHex }) => oidHex));
  demand(identifiers.size === extensions.length, 'an extension occurs twice');
  return extensions;
}

function readExtension(element: DerElement): Extension {
  const fields: DerFields = sequenceFields(element, 'an extension');
  const oid = fields.take(TAG.objectIdentifier, "an extension's identifier");
  const flag = fields.takeIf(TAG.boolean);
  const { content: value } = fields.take(TAG.octetString, "an extension's value");
  fields.end('an extension');
  demand(flag === undefined || equalBytes(flag.encoded, DER_TRUE), 'an extension says that it is not critical');
  return {
    oidHex: encodeHex(oid.encoded),
    critical: flag !== undefined,
    value,
    encoded: element.encoded,
  };
}

/** The extension with this identifier, if there is one. */
export function findExtension(extensions: readonly Extension[], oid: string): Extension | undefined {
  const oidHex = encodeHex(encodeObjectIdentifier(oid));
  return extensions.find((extension) => extension.oidHex === oidHex);
}

/** What the extensions say about the holder. Throws a `DerError` where one of these extensions has another form. */
export function readFacts(extensions: readonly Extension[]): HolderFacts {
  const names = findExtension(extensions, OID.subjectAltName);
  const agreement = findExtension(extensions, OID.agreementKey);
  return {
    ...(names === undefined ? {} : readAlternativeNames(parseDer(names.value))),
    ...(agreement === undefined ? {} : { agreementKey: readAgreementKey(agreement.value) }),
  };
}

/** The raw key from the extension's value. Throws a `DerError`. */
export function readAgreementKey(value: Uint8Array): Uint8Array {
  const { tag, content } = parseDer(value);
  demand(tag === TAG.octetString && content.byteLength === AGREEMENT_KEY_BYTES, 'the agreement key is not 32 bytes');
  return concatBytes(content);
}
