import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../shared/bytes.ts';
import { generateP256, type P256KeyPair } from '../../../shared/crypto/ecdsa.ts';
import { jwkThumbprint } from '../../../shared/crypto/jwk-thumbprint.ts';
import { generateX25519 } from '../../../shared/crypto/x25519.ts';
import { encodeExtension } from '../../../shared/pki/certificate-extensions.ts';
import { OID } from '../../../shared/pki/certificate-profile.ts';
import { openCertificationRequest } from '../../../shared/pki/certification-request.ts';
import { parseDer, TAG } from '../../../shared/pki/der.ts';
import { encodeBits, encodeCommonName, encodeDer, encodeObjectIdentifier } from '../../../shared/pki/encode-der.ts';
import { encodePem } from '../../../shared/pki/pem.ts';
import { buildCertificationRequest } from '../../../shared/pki/x509-builder.ts';
import { hex, signTbs, withOuter } from '../../support/edit-certificate.ts';
import { codeThrownBy } from '../../support/refusal.ts';

const keys = generateP256();
const agreementKey = generateX25519().publicKey;

const agreementExtension = (key: Uint8Array) =>
  encodeExtension(OID.agreementKey, false, encodeDer(TAG.octetString, key));
const attribute = (oid: string, ...values: Uint8Array[]) =>
  encodeDer(TAG.sequence, encodeObjectIdentifier(oid), encodeDer(TAG.set, ...values));
const asking = (...extensions: Uint8Array[]) => attribute(OID.extensionRequest, encodeDer(TAG.sequence, ...extensions));

interface Parts {
  version?: Uint8Array;
  name?: Uint8Array;
  key?: Uint8Array;
  attributes?: Uint8Array[];
  more?: Uint8Array;
}

/** A request with these parts, the others as they should be, signed. */
function request(parts: Parts, signer: P256KeyPair = keys): string {
  const tbs = encodeDer(
    TAG.sequence,
    parts.version ?? hex('020100'),
    parts.name ?? encodeCommonName('anybody'),
    parts.key ?? keys.publicKey.export({ type: 'spki', format: 'der' }),
    encodeDer(TAG.context0, ...(parts.attributes ?? [])),
    parts.more ?? new Uint8Array(),
  );
  return encodePem('CERTIFICATE REQUEST', signTbs(tbs, signer.privateKey));
}

const derOf = (pem: string) => new Uint8Array(Buffer.from(pem.replaceAll(/-----.*-----|\n/g, ''), 'base64'));
const verdict = (pem: string) => codeThrownBy(() => openCertificationRequest(pem));

describe('a request that is opened', () => {
  it('gives the key and the agreement key', async () => {
    const opened = openCertificationRequest(await buildCertificationRequest(keys, agreementKey));
    expect(opened.publicKey.equals(keys.publicKey)).toBe(true);
    expect(opened.subject).toBe(jwkThumbprint(keys.publicKey));
    expect(opened.agreementKey).toEqual(agreementKey);
  });

  it('may do without an agreement key', async () => {
    expect(openCertificationRequest(await buildCertificationRequest(keys))).not.toHaveProperty('agreementKey');
    expect(openCertificationRequest(request({}))).not.toHaveProperty('agreementKey');
  });

  it('has its name and every other wish ignored', () => {
    const authority = encodeExtension(OID.basicConstraints, true, hex('30030101ff'));
    const password = attribute('1.2.840.113549.1.9.7', hex('0c0161'));
    const pem = request({
      name: hex('3000'),
      attributes: [password, asking(authority, agreementExtension(agreementKey))],
    });
    expect(Object.keys(openCertificationRequest(pem)).sort()).toEqual(['agreementKey', 'publicKey', 'subject']);
    expect(openCertificationRequest(pem).agreementKey).toEqual(agreementKey);
  });
});

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey.export({ type: 'spki', format: 'der' });
const agreement = agreementExtension(agreementKey);

const REFUSED: readonly [what: string, pem: () => string][] = [
  ['the signature of another key', () => request({}, generateP256())],
  ['version 2', () => request({ version: hex('020101') })],
  ['an RSA key', () => request({ key: rsa })],
  ['a name that is not a sequence', () => request({ name: hex('0500') })],
  ['a field too many', () => request({ more: hex('0500') })],
  [
    'an agreement key of 31 bytes',
    () => request({ attributes: [asking(agreementExtension(agreementKey.subarray(1)))] }),
  ],
  [
    'an agreement key of 33 bytes',
    () => request({ attributes: [asking(agreementExtension(concatBytes(agreementKey, hex('00'))))] }),
  ],
  ['an agreement key of all zeros', () => request({ attributes: [asking(agreementExtension(new Uint8Array(32)))] })],
  // A point of order 8: what is agreed on with it is always zero.
  [
    'an agreement key of low order',
    () =>
      request({
        attributes: [
          asking(agreementExtension(hex('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'))),
        ],
      }),
  ],
  ['two agreement keys', () => request({ attributes: [asking(agreement, agreement)] })],
  ['extensions asked for twice', () => request({ attributes: [asking(agreement), asking(agreement)] })],
  [
    'two lists of extensions',
    () => request({ attributes: [attribute(OID.extensionRequest, hex('3000'), hex('3000'))] }),
  ],
  ['an attribute without values', () => request({ attributes: [encodeDer(TAG.sequence, hex('06032a0304'))] })],
  ['bytes after the end', () => encodePem('CERTIFICATE REQUEST', concatBytes(derOf(request({})), hex('00')))],
  ['a non-minimal length', () => encodePem('CERTIFICATE REQUEST', nonMinimal(derOf(request({}))))],
  [
    'another algorithm',
    () =>
      encodePem('CERTIFICATE REQUEST', withOuter(derOf(request({})), { algorithm: hex('300a06082a8648ce3d040303') })),
  ],
  [
    'a signature of nothing',
    () =>
      encodePem(
        'CERTIFICATE REQUEST',
        withOuter(derOf(request({})), { signature: encodeBits(hex('3006020101020101')) }),
      ),
  ],
  ['the label of a certificate', () => request({}).replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE')],
  ['two requests', () => request({}) + request({})],
  ['no text at all', () => ''],
  ['4 KiB', () => request({ name: encodeCommonName('a'.repeat(4_096)) })],
];

function nonMinimal(der: Uint8Array): Uint8Array {
  return concatBytes(hex(`3082${(der.byteLength - 3).toString(16).padStart(4, '0')}`), parseDer(der).content);
}

describe('a request is refused with', () => {
  it.each(REFUSED)('%s', (_, pem) => {
    expect(verdict(pem())).toBe('csr-invalid');
  });

  it('any one byte changed', async () => {
    const der = derOf(await buildCertificationRequest(keys, agreementKey));
    for (let index = 0; index < der.byteLength; index += 1) {
      const changed = Uint8Array.from(der);
      changed[index]! ^= 0x01;
      expect([index, verdict(encodePem('CERTIFICATE REQUEST', changed))]).toEqual([index, 'csr-invalid']);
    }
  });
});
