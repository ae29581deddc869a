/** Opens a certification request (PKCS #10, RFC 2986): the key, proven, and the agreement key. Nothing else is taken from it. */
import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { encodeBase64url } from '../bytes.ts';
import { jwkThumbprint } from '../crypto/jwk-thumbprint.ts';
import { ProtocolError } from '../errors.ts';
import { MAX_CSR_PEM_CHARACTERS } from '../wire/limits.ts';
import type { Subject } from '../wire/vocabulary.ts';
import { findExtension, readAgreementKey, readExtensions } from './certificate-extensions.ts';
import { OID } from './certificate-profile.ts';
import { type DerElement, DerError, demand, refusingDer, TAG } from './der.ts';
import { DerFields, sequenceFields } from './der-fields.ts';
import { encodeObjectIdentifier } from './encode-der.ts';
import { decodePem } from './pem.ts';
import { isSignedBy, readSigned, readSubjectKey } from './signed-structure.ts';

/** What a request asks for and has shown. The name and the other extensions that it may hold are not looked at. */
export interface CertificationRequest {
  readonly publicKey: KeyObject;
  /** RFC 7638 thumbprint of the key. */
  readonly subject: Subject;
  /** Raw X25519 public key, 32 bytes, covered by the proof. */
  readonly agreementKey?: Uint8Array;
}

/**
 * Opens a request in PEM. Its own signature must verify: whoever asks holds the private key.
 * @throws ProtocolError 'csr-invalid'
 */
export function openCertificationRequest(pem: string): CertificationRequest {
  const der = decodePem('CERTIFICATE REQUEST', pem, MAX_CSR_PEM_CHARACTERS);
  if (der === undefined) throw new ProtocolError('csr-invalid', 'it is not one certification request in PEM');
  return refusingDer('csr-invalid', () => readRequest(der));
}

function readRequest(der: Uint8Array): CertificationRequest {
  const signed = readSigned(der, 'the request');
  const fields = new DerFields(signed.tbs);
  const version = fields.take(TAG.integer, 'the version').content;
  demand(version.byteLength === 1 && version[0] === 0, 'the version is not 1');
  fields.take(TAG.sequence, 'the name');
  const publicKey = readSubjectKey(fields.take(TAG.sequence, 'the key'));
  const attributes = fields.take(TAG.context0, 'the list of attributes');
  fields.end('the request');
  // Proof of possession: the key signed the request, and with it the agreement key.
  demand(isSignedBy(signed, publicKey), 'the signature does not verify');
  const agreementKey = readRequestedAgreementKey(attributes);
  return { publicKey, subject: jwkThumbprint(publicKey), ...(agreementKey === undefined ? {} : { agreementKey }) };
}

function readRequestedAgreementKey(attributes: DerElement): Uint8Array | undefined {
  const requests = attributes.children.map(readExtensionRequest).filter((list) => list !== undefined);
  demand(requests.length <= 1, 'extensions are requested twice');
  const [list] = requests;
  if (list === undefined) return undefined;
  const extension = findExtension(readExtensions(list), OID.agreementKey);
  if (extension === undefined) return undefined;
  const agreementKey = readAgreementKey(extension.value);
  demandUsable(agreementKey);
  return agreementKey;
}

/** The list of requested extensions, if that is what the attribute holds. */
function readExtensionRequest(attribute: DerElement): DerElement | undefined {
  const fields = sequenceFields(attribute, 'an attribute');
  const type = fields.take(TAG.objectIdentifier, "an attribute's type");
  const values = new DerFields(fields.take(TAG.set, "an attribute's values"));
  fields.end('an attribute');
  if (Buffer.compare(type.encoded, encodeObjectIdentifier(OID.extensionRequest)) !== 0) return undefined;
  const list = values.take(TAG.sequence, 'the list of requested extensions');
  values.end('the list of requested extensions');
  return list;
}

/** Sealing to a low-order key fails (RFC 7748 section 6.1): found only at a disclosure, it would hurt the other party. */
function demandUsable(agreementKey: Uint8Array): void {
  const jwk = { kty: 'OKP', crv: 'X25519', x: encodeBase64url(agreementKey) };
  try {
    const { privateKey } = generateKeyPairSync('x25519');
    diffieHellman({ privateKey, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) });
  } catch (error) {
    // Two keys of the right type and length: all that is left to fail is the zero result.
    throw new DerError('the agreement key has a low order', { cause: error });
  }
}
