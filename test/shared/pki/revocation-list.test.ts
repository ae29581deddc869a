import { beforeAll, describe, expect, it } from 'vitest';
import { concatBytes } from '../../../shared/bytes.ts';
import { encodeAuthorityKeyIdentifier, encodeExtension } from '../../../shared/pki/certificate-extensions.ts';
import { OID } from '../../../shared/pki/certificate-profile.ts';
import { parseDer, TAG } from '../../../shared/pki/der.ts';
import { encodeCommonName, encodeDer, encodePositive, encodeTime } from '../../../shared/pki/encode-der.ts';
import { encodeListNumber, encodeReason, verifyRevocationList } from '../../../shared/pki/revocation-list.ts';
import { type Certificate, verifyCertificate } from '../../../shared/pki/verify-certificate.ts';
import { buildRevocationList } from '../../../shared/pki/x509-builder.ts';
import { RevocationReason } from '../../../shared/wire/http-endpoints.ts';
import { ECDSA_SHA256, hex, signTbs } from '../../support/edit-certificate.ts';
import { codeThrownBy } from '../../support/refusal.ts';
import { createTestAuthority, type TestAuthority } from '../../support/test-authority.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const NEXT = NOW + 60_000;

let authority: TestAuthority;
let issuer: Certificate;

beforeAll(async () => {
  authority = await createTestAuthority(NOW);
  issuer = authority.issuer.certificate;
});

const verdict = (der: Uint8Array, at = NOW) => codeThrownBy(() => verifyRevocationList(der, issuer, at));

function build(revoked: readonly { serialHex: string; reason: RevocationReason }[], number = 7): Promise<Uint8Array> {
  return buildRevocationList({
    issuer: { key: authority.issuer.keys.privateKey, certificate: issuer },
    number,
    thisUpdate: NOW,
    nextUpdate: NEXT,
    revoked: revoked.map((entry) => ({ ...entry, revokedAt: NOW - 5_000 })),
  });
}

describe('a list', () => {
  it('says which certificates are revoked, since when and why', async () => {
    const revoked = RevocationReason.options.map((reason, index) => ({ serialHex: `4${index}ff`, reason }));
    const list = verifyRevocationList(await build(revoked), issuer, NOW);
    expect([list.number, list.thisUpdate, list.nextUpdate]).toEqual([7, NOW, NEXT]);
    expect([...list.revoked]).toEqual(
      revoked.map(({ serialHex, reason }) => [serialHex, { revokedAt: NOW - 5_000, reason }]),
    );
    expect(list.isRevoked(issuer, '40ff')).toBe(true);
    expect(list.isRevoked(issuer, '41fe')).toBe(false);
  });

  it('ends the life of a certificate', async () => {
    const [revoked, other] = [await authority.issue('participant'), await authority.issue('participant')];
    const { serialHex } = revoked.certificate;
    const list = verifyRevocationList(await build([{ serialHex, reason: 'keyCompromise' }]), issuer, NOW);
    const trust = { root: authority.root.certificate, issuer, at: NOW, revocations: list };
    expect(codeThrownBy(() => verifyCertificate(revoked.certificate, 'participant', trust))).toBe(
      'certificate-revoked',
    );
    expect(codeThrownBy(() => verifyCertificate(other.certificate, 'participant', trust))).toBeUndefined();
  });

  it('may be empty, may have a great number, and may be long', async () => {
    expect(verifyRevocationList(await build([], 2 ** 53 - 1), issuer, NOW).number).toBe(2 ** 53 - 1);
    const many = Array.from({ length: 5_000 }, (_, index) => ({
      serialHex: `4000${index.toString(16).padStart(28, '0')}`,
      reason: 'superseded' as const,
    }));
    expect(verifyRevocationList(await build(many, 0), issuer, NOW).revoked.size).toBe(5_000);
  });

  it("says nothing about another issuer's certificates", async () => {
    const list = verifyRevocationList(await build([]), issuer, NOW);
    const stranger = await createTestAuthority(NOW);
    expect(codeThrownBy(() => list.isRevoked(stranger.issuer.certificate, '40'))).toBe('revocation-list-invalid');
    // The root has another name, the stranger's issuing CA the same name and another key.
    expect(codeThrownBy(() => list.isRevoked(authority.root.certificate, '40'))).toBe('revocation-list-invalid');
  });

  it('is of its time', async () => {
    const der = await build([]);
    expect(verdict(der, NOW - 5_001)).toBe('revocation-list-stale');
    expect(verdict(der, NOW - 5_000)).toBeUndefined();
    expect(verdict(der, NEXT - 1)).toBeUndefined();
    expect(verdict(der, NEXT)).toBe('revocation-list-stale');
    expect(verdict(der, NEXT + 1)).toBe('revocation-list-stale');
    expect(verdict(der, Number.NaN)).toBe('revocation-list-stale');
  });
});

interface Fields {
  version: Uint8Array;
  algorithm: Uint8Array;
  issuer: Uint8Array;
  thisUpdate: Uint8Array;
  nextUpdate: Uint8Array;
  entries: Uint8Array;
  extensions: Uint8Array;
}

const entry = (...fields: Uint8Array[]) => encodeDer(TAG.sequence, ...fields);
const serial = encodePositive('40ff');
const since = encodeTime(NOW);
const listOf = (...entries: Uint8Array[]) => encodeDer(TAG.sequence, ...entries);
const extensionList = (...extensions: Uint8Array[]) => encodeDer(TAG.context0, encodeDer(TAG.sequence, ...extensions));
const authorityKey = () => encodeAuthorityKeyIdentifier(issuer.keyIdentifier);

/** A list with these fields, the others as they should be, signed by the issuing CA. */
function changed(change: Partial<Fields>): Uint8Array {
  const fields: Fields = {
    version: hex('020101'),
    algorithm: ECDSA_SHA256,
    issuer: issuer.subjectDer,
    thisUpdate: since,
    nextUpdate: encodeTime(NEXT),
    entries: listOf(entry(serial, since, encodeDer(TAG.sequence, encodeReason('superseded')))),
    extensions: extensionList(authorityKey(), encodeListNumber(7)),
    ...change,
  };
  return signTbs(encodeDer(TAG.sequence, ...Object.values(fields)), authority.issuer.keys.privateKey);
}

const nothing = new Uint8Array();
const ROWS: readonly [what: string, change: () => Partial<Fields>][] = [
  ['no version', () => ({ version: nothing })],
  ['version 1', () => ({ version: hex('020100') })],
  ['another inner algorithm', () => ({ algorithm: hex('300a06082a8648ce3d040303') })],
  ['another issuer', () => ({ issuer: encodeCommonName('Gavel Root') })],
  ['no nextUpdate', () => ({ nextUpdate: nothing })],
  [
    'a time in the form for 2050',
    () => ({ thisUpdate: encodeDer(TAG.generalizedTime, Buffer.from('20261121120000Z')) }),
  ],
  ['an empty list of entries', () => ({ entries: listOf() })],
  ['a serial twice', () => ({ entries: listOf(entry(serial, since), entry(serial, since)) })],
  ['a negative serial', () => ({ entries: listOf(entry(hex('0201ff'), since)) })],
  ['a serial of 21 bytes', () => ({ entries: listOf(entry(encodePositive('7f'.repeat(21)), since)) })],
  ['an entry without a date', () => ({ entries: listOf(entry(serial)) })],
  ['an entry with a fourth field', () => ({ entries: listOf(entry(serial, since, hex('0500'))) })],
  ['an entry with an empty list of extensions', () => ({ entries: listOf(entry(serial, since, hex('3000'))) })],
  [
    'an entry that gives no reason in words',
    () => ({ entries: listOf(entry(serial, since, listOf(reason('0a0100')))) }),
  ],
  [
    'an entry with a reason that takes the revocation back',
    () => ({ entries: listOf(entry(serial, since, listOf(reason('0a0108')))) }),
  ],
  [
    'an entry with two reasons',
    () => ({ entries: listOf(entry(serial, since, listOf(encodeReason('superseded'), encodeReason('superseded')))) }),
  ],
  [
    "an entry of another issuer's certificate",
    () => ({ entries: listOf(entry(serial, since, listOf(encodeExtension('2.5.29.29', true, hex('3000'))))) }),
  ],
  ['no extensions', () => ({ extensions: nothing })],
  ['no authority key', () => ({ extensions: extensionList(encodeListNumber(7)) })],
  [
    'another authority key',
    () => ({ extensions: extensionList(encodeAuthorityKeyIdentifier(new Uint8Array(20)), encodeListNumber(7)) }),
  ],
  ['no number', () => ({ extensions: extensionList(authorityKey()) })],
  ['a negative number', () => ({ extensions: extensionList(authorityKey(), number('0201ff')) })],
  ['a padded number', () => ({ extensions: extensionList(authorityKey(), number('02020007')) })],
  ['a number above 2^53', () => ({ extensions: extensionList(authorityKey(), number('020720000000000000')) })],
  [
    'a critical number',
    () => ({ extensions: extensionList(authorityKey(), encodeExtension(OID.crlNumber, true, hex('020107'))) }),
  ],
  [
    'a delta',
    () => ({
      extensions: extensionList(authorityKey(), encodeListNumber(7), encodeExtension('2.5.29.27', true, hex('020101'))),
    }),
  ],
  [
    'a scope',
    () => ({
      extensions: extensionList(authorityKey(), encodeListNumber(7), encodeExtension('2.5.29.28', true, hex('3000'))),
    }),
  ],
];

const reason = (value: string) => encodeExtension(OID.reasonCode, false, hex(value));
const number = (value: string) => encodeExtension(OID.crlNumber, false, hex(value));

describe('a list is invalid with', () => {
  it.each(ROWS)('%s', (_, change) => {
    expect(verdict(changed({}))).toBeUndefined();
    expect(verdict(changed(change()))).toBe('revocation-list-invalid');
  });

  it('the signature of another authority of the same name', async () => {
    const stranger = await createTestAuthority(NOW);
    const tbs = parseDer(changed({})).children[0]!.encoded;
    expect(verdict(signTbs(tbs, stranger.issuer.keys.privateKey))).toBe('revocation-list-invalid');
  });

  it('bytes after the end, or none at all', () => {
    expect(verdict(concatBytes(changed({}), hex('00')))).toBe('revocation-list-invalid');
    expect(verdict(nothing)).toBe('revocation-list-invalid');
  });
});
