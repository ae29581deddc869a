/** One field changed, everything signed again: the form of a certificate is closed. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { concatBytes } from '../../../shared/bytes.ts';
import { encodeAgreementKey } from '../../../shared/pki/certificate-extensions.ts';
import { parseDer, TAG } from '../../../shared/pki/der.ts';
import { encodeBits, encodeDer, encodeInteger, encodePositive } from '../../../shared/pki/encode-der.ts';
import { parseCertificate, parseCertificateDer } from '../../../shared/pki/verify-certificate.ts';
import { ECDSA_SHA256, hex, reissue, type TbsFields, tbsFieldsOf, withOuter } from '../../support/edit-certificate.ts';
import { codeThrownBy } from '../../support/refusal.ts';
import { createTestAuthority, type Issued, type TestAuthority } from '../../support/test-authority.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

let authority: TestAuthority;
let participant: Issued;

beforeAll(async () => {
  authority = await createTestAuthority(NOW);
  participant = await authority.issue('participant');
});

const spkiOf = (type: 'rsa' | 'P-384' | 'ed25519'): Uint8Array => {
  const pair = {
    rsa: () => generateKeyPairSync('rsa', { modulusLength: 2_048 }),
    'P-384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    ed25519: () => generateKeyPairSync('ed25519'),
  }[type]();
  return pair.publicKey.export({ type: 'spki', format: 'der' });
};
/** A SubjectPublicKeyInfo for P-256 with another point. */
const withPoint = (point: Uint8Array) =>
  encodeDer(TAG.sequence, hex('301306072a8648ce3d020106082a8648ce3d030107'), encodeBits(point));
const pointOf = (fields: TbsFields) => fields.key.subarray(26);
const validity = (notBefore: string, notAfter: string) => ({
  validity: encodeDer(TAG.sequence, hex(notBefore), hex(notAfter)),
});
const utc = (text: string) => Buffer.from(encodeDer(TAG.utcTime, Buffer.from(text))).toString('hex');
const later = (text: string) => Buffer.from(encodeDer(TAG.generalizedTime, Buffer.from(text))).toString('hex');
const UNTIL = utc('261122120000Z');

const SIGNED_PART: readonly [what: string, change: (fields: TbsFields) => Partial<TbsFields>][] = [
  ['version 1', () => ({ version: new Uint8Array() })],
  ['version 1, written out', () => ({ version: hex('a003020100') })],
  ['version 2', () => ({ version: hex('a003020101') })],
  ['version 4', () => ({ version: hex('a003020103') })],
  ['two versions', () => ({ version: hex('a006020102020102') })],
  ['serial 0', () => ({ serial: hex('020100') })],
  ['a negative serial', () => ({ serial: hex('0201ff') })],
  ['a serial of 21 bytes', () => ({ serial: encodePositive(`7f${'00'.repeat(20)}`) })],
  ['a serial of 20 bytes and a sign byte', () => ({ serial: encodePositive('ff'.repeat(20)) })],
  ['a padded serial', () => ({ serial: hex('02020040') })],
  ['the inner algorithm ecdsa-with-SHA384', () => ({ algorithm: hex('300a06082a8648ce3d040303') })],
  ['the inner algorithm with NULL', () => ({ algorithm: hex('300c06082a8648ce3d0403020500') })],
  ['a time in the form for 2050', () => validity(later('20261121110000Z'), UNTIL)],
  ['a time without seconds', () => validity(utc('2611211100Z'), UNTIL)],
  ['a time with an offset', () => validity(utc('261121110000+0000'), UNTIL)],
  ['30 February', () => validity(utc('260230110000Z'), UNTIL)],
  ['one time alone', () => ({ validity: encodeDer(TAG.sequence, hex(UNTIL)) })],
  ['three times', () => ({ validity: encodeDer(TAG.sequence, hex(UNTIL), hex(UNTIL), hex(UNTIL)) })],
  ['a subject that is a set', ({ subject }) => ({ subject: encodeDer(TAG.set, subject) })],
  ['an RSA key', () => ({ key: spkiOf('rsa') })],
  ['a P-384 key', () => ({ key: spkiOf('P-384') })],
  ['an Ed25519 key', () => ({ key: spkiOf('ed25519') })],
  ['a compressed point', (fields) => ({ key: withPoint(concatBytes(hex('02'), pointOf(fields).subarray(1, 33))) })],
  ['a hybrid point', (fields) => ({ key: withPoint(concatBytes(hex('06'), pointOf(fields).subarray(1))) })],
  ['a point off the curve', (fields) => ({ key: withPoint(concatBytes(pointOf(fields).subarray(0, 64), hex('00'))) })],
  ['the point at infinity', () => ({ key: withPoint(hex('00')) })],
  ['a point with a byte more', (fields) => ({ key: withPoint(concatBytes(pointOf(fields), hex('00'))) })],
  ['a key with unused bits', ({ key }) => ({ key: concatBytes(key.subarray(0, 25), hex('01'), key.subarray(26)) })],
  ['an issuer unique identifier', () => ({ uniqueIdentifiers: hex('81020001') })],
  ['a subject unique identifier', () => ({ uniqueIdentifiers: hex('82020001') })],
  ['no extensions', () => ({ extensions: [] })],
  ['an empty list of extensions', () => ({ extensions: [], uniqueIdentifiers: hex('a3023000') })],
  ['an extension twice', ({ extensions }) => ({ extensions: [...extensions, extensions[0]!] })],
  [
    'an extension that says it is not critical',
    ({ extensions }) => ({ extensions: extensions.map((bytes) => withFlag(bytes, '00')) }),
  ],
  [
    'an extension whose true is 01',
    ({ extensions }) => ({ extensions: extensions.map((bytes) => withFlag(bytes, '01')) }),
  ],
  ['an extension with a fourth field', ({ extensions }) => ({ extensions: extensions.map(withFourthField) })],
  ['an agreement key of 31 bytes', ({ extensions }) => ({ extensions: extensions.with(-1, agreementKey(31)) })],
  ['an agreement key of 33 bytes', ({ extensions }) => ({ extensions: extensions.with(-1, agreementKey(33)) })],
  ['a name of an unknown kind', ({ extensions }) => ({ extensions: [...extensions, alternativeNames('8101 61')] })],
  ['a wildcard name', ({ extensions }) => ({ extensions: [...extensions, alternativeNames('8203 2a2e61')] })],
  ['a capital name', ({ extensions }) => ({ extensions: [...extensions, alternativeNames('8201 41')] })],
  [
    'a DNS name that is an address',
    ({ extensions }) => ({ extensions: [...extensions, alternativeNames('8207 312e322e332e34')] }),
  ],
  [
    'an address of five bytes',
    ({ extensions }) => ({ extensions: [...extensions, alternativeNames('8705 0102030405')] }),
  ],
  ['a URI that is no house', ({ extensions }) => ({ extensions: [...extensions, alternativeNames('8603 613a62')] })],
];

function withFlag(extension: Uint8Array, flag: string): Uint8Array {
  const { children } = parseDer(extension);
  return encodeDer(TAG.sequence, children[0]!.encoded, hex(`0101${flag}`), children.at(-1)!.encoded);
}

function withFourthField(extension: Uint8Array): Uint8Array {
  return encodeDer(TAG.sequence, parseDer(extension).content, hex('0500'));
}

function agreementKey(bytes: number): Uint8Array {
  return encodeAgreementKey(new Uint8Array(bytes).fill(9));
}

function alternativeNames(names: string): Uint8Array {
  return encodeDer(TAG.sequence, hex('0603551d11'), encodeDer(TAG.octetString, encodeDer(TAG.sequence, hex(names))));
}

const signature = (r: bigint, s: bigint, ...more: Uint8Array[]) =>
  encodeBits(encodeDer(TAG.sequence, encodePositive(r.toString(16)), encodePositive(s.toString(16)), ...more));

const OUTSIDE: readonly [what: string, change: (der: Uint8Array) => Uint8Array][] = [
  ['a byte after the end', (der) => concatBytes(der, hex('00'))],
  ['a byte missing', (der) => der.subarray(0, -1)],
  ['a byte after the last field', (der) => encodeDer(TAG.sequence, parseDer(der).content, hex('0500'))],
  ['a non-minimal length', (der) => concatBytes(hex('308300'), der.subarray(2))],
  ['an indefinite length', (der) => concatBytes(hex('3080'), parseDer(der).content, hex('0000'))],
  ['a set instead of a sequence', (der) => concatBytes(hex('31'), der.subarray(1))],
  ['the outer algorithm ecdsa-with-SHA384', (der) => withOuter(der, { algorithm: hex('300a06082a8648ce3d040303') })],
  ['the outer algorithm with NULL', (der) => withOuter(der, { algorithm: hex('300c06082a8648ce3d0403020500') })],
  ['r = 0', (der) => withOuter(der, { signature: signature(0n, 1n) })],
  ['s = 0', (der) => withOuter(der, { signature: signature(1n, 0n) })],
  ['r = n', (der) => withOuter(der, { signature: signature(ORDER, 1n) })],
  ['s = n', (der) => withOuter(der, { signature: signature(1n, ORDER) })],
  ['r of 34 bytes', (der) => withOuter(der, { signature: signature(1n << 264n, 1n) })],
  ['a third number', (der) => withOuter(der, { signature: signature(1n, 1n, encodeInteger(1)) })],
  ['a negative r', (der) => withOuter(der, { signature: encodeBits(hex('3006 0201ff 020101')) })],
  ['a padded r', (der) => withOuter(der, { signature: encodeBits(hex('3007 02020001 020101')) })],
  ['a byte after the signature', (der) => withOuter(der, { signature: encodeBits(hex('3006 020101 020101 00')) })],
  ['unused bits in the signature', (der) => withOuter(der, { signature: hex('0309 01 3006 020101 020101') })],
  ['a signature as r ‖ s', (der) => withOuter(der, { signature: encodeBits(p1363(der)) })],
];

const p1363 = (der: Uint8Array) =>
  sign('sha256', parseDer(der).children[0]!.encoded, {
    key: participant.keys.privateKey,
    dsaEncoding: 'ieee-p1363',
  });

describe('a certificate is malformed with', () => {
  it.each(SIGNED_PART)('%s', (_, change) => {
    const changed = reissue(participant.certificate.der, authority.issuer.keys.privateKey, change);
    expect(changed).not.toEqual(participant.certificate.der);
    expect(codeThrownBy(() => parseCertificateDer(changed))).toBe('certificate-malformed');
  });

  it.each(OUTSIDE)('%s', (_, change) => {
    const changed = change(participant.certificate.der);
    expect(codeThrownBy(() => parseCertificateDer(changed))).toBe('certificate-malformed');
  });

  it('more than 2 KiB, and one byte less is another matter', () => {
    const padded = (bytes: number) =>
      reissue(participant.certificate.der, authority.issuer.keys.privateKey, ({ extensions }) => ({
        extensions: [
          ...extensions,
          encodeDer(TAG.sequence, hex('06032a0304'), encodeDer(TAG.octetString, new Uint8Array(bytes))),
        ],
      }));
    const spare = 2_048 - padded(300).byteLength;
    expect(codeThrownBy(() => parseCertificateDer(padded(300 + spare + 4)))).toBe('certificate-malformed');
    expect(codeThrownBy(() => parseCertificateDer(padded(300 + spare - 4)))).toBeUndefined();
  });
});

describe('PEM', () => {
  it('is read back to the same certificate, whatever its line breaks', () => {
    const { pem, der } = participant.certificate;
    for (const text of [pem, pem.trim(), pem.replaceAll('\n', '\r\n'), `\n${pem}\n`]) {
      expect(parseCertificate(text).der).toEqual(der);
      expect(parseCertificate(text).pem).toBe(pem);
    }
  });

  const texts: readonly [what: string, change: (pem: string) => string][] = [
    ['nothing', () => ''],
    ['two certificates', (pem) => pem + pem],
    ['text before it', (pem) => `subject=x\n${pem}`],
    ['a header inside', (pem) => pem.replace('-----\n', '-----\nProc-Type: 4\n')],
    ['another label', (pem) => pem.replaceAll('CERTIFICATE', 'X509 CRL')],
    ['no end', (pem) => pem.replace(/-----END.*/, '')],
    ['a blank inside', (pem) => pem.replace('A', 'A ')],
    ['no padding', (pem) => pem.replace(/=*\n-----END/, '\n-----END')],
    ['base64url', (pem) => pem.replaceAll('+', '-').replaceAll('/', '_')],
    ['too many characters', (pem) => pem + '\n'.repeat(3_072)],
  ];
  it.each(texts)('is refused with %s', async (_, change) => {
    // A length that needs padding and bytes that need both special characters: issue until there is such a one.
    let { pem } = participant.certificate;
    while (!/=\n-----END/.test(pem) || !/\+/.test(pem)) pem = (await authority.issue('dms-node')).certificate.pem;
    expect(codeThrownBy(() => parseCertificate(pem))).toBeUndefined();
    expect(codeThrownBy(() => parseCertificate(change(pem)))).toBe('certificate-malformed');
  });
});

it('reads names that the profiles do not have here: that is for the verifier', () => {
  const named = reissue(participant.certificate.der, authority.issuer.keys.privateKey, ({ extensions }) => ({
    extensions: [...extensions, alternativeNames('820161 8704 7f000001')],
  }));
  expect(parseCertificateDer(named).hosts).toEqual(['a', '127.0.0.1']);
});

it('reads what is in a certificate', () => {
  const { certificate, keys } = participant;
  expect(certificate.notBefore).toBe(NOW - 3_600_000);
  expect(certificate.notAfter).toBe(NOW + 24 * 3_600_000);
  expect(certificate.serialHex).toMatch(/^[4-7][0-9a-f]{31}$/);
  expect(certificate.publicKey.equals(keys.publicKey)).toBe(true);
  expect(certificate.sha256).toBe(Buffer.from(certificate.x5tS256, 'base64url').toString('hex'));
  expect(certificate.agreementKey).toHaveLength(32);
  expect(tbsFieldsOf(certificate.der).algorithm).toEqual(ECDSA_SHA256);
});
