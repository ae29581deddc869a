/** Who issued a certificate, as what, and when it may be used. */
import { beforeAll, describe, expect, it } from 'vitest';
import { PROFILES, type ProfileName } from '../../../shared/pki/certificate-profile.ts';
import { parseDer, TAG } from '../../../shared/pki/der.ts';
import { encodeCommonName, encodeDer } from '../../../shared/pki/encode-der.ts';
import {
  type Certificate,
  parseCertificateDer,
  type Trust,
  verifyCertificate,
  verifyRoot,
} from '../../../shared/pki/verify-certificate.ts';
import { hex, reissue, type TbsFields, tbsFieldsOf } from '../../support/edit-certificate.ts';
import { codeThrownBy } from '../../support/refusal.ts';
import {
  ALL_PROFILES,
  createTestAuthority,
  type Issued,
  LEAF_PROFILES,
  TEST_HOUSE,
  type TestAuthority,
} from '../../support/test-authority.ts';

const NOW = Date.UTC(2026, 10, 21, 12);

let authority: TestAuthority;
let root: Certificate;
let issuer: Certificate;
const issued = new Map<ProfileName, Issued>();

beforeAll(async () => {
  authority = await createTestAuthority(NOW);
  root = authority.root.certificate;
  issuer = authority.issuer.certificate;
  for (const profile of ALL_PROFILES) issued.set(profile, await authority.issue(profile));
  issued.set('root', authority.root);
});

/** What verifying says, the parts of the path as they ought to be unless changed. */
function verdict(certificate: Certificate, profile: ProfileName, changes: Partial<Trust> = {}): string | undefined {
  const parent = PROFILES[profile].issuedBy === 'root' ? root : issuer;
  return codeThrownBy(() => verifyCertificate(certificate, profile, { root, issuer: parent, at: NOW, ...changes }));
}

describe('profiles', () => {
  it.each(ALL_PROFILES)('%s is what it is', (profile) => {
    expect(verdict(issued.get(profile)!.certificate, profile)).toBeUndefined();
  });

  it.each(ALL_PROFILES)('%s is nothing else', (profile) => {
    const others = ALL_PROFILES.filter((other) => other !== profile);
    for (const other of others) {
      for (const parent of [root, issuer]) {
        expect([other, verdict(issued.get(profile)!.certificate, other, { issuer: parent })]).toEqual([
          other,
          'certificate-untrusted',
        ]);
      }
    }
  });

  it('give what they guarantee', () => {
    const trust = { root, issuer, at: NOW };
    const participant = verifyCertificate(issued.get('participant')!.certificate, 'participant', trust);
    expect(participant.agreementKey.byteLength).toBe(32);
    const node = verifyCertificate(issued.get('dms-node')!.certificate, 'dms-node', trust);
    expect([node.house, node.hosts]).toEqual([TEST_HOUSE, ['localhost', '127.0.0.1', '::1']]);
  });
});

const part = (der: Uint8Array, ...path: number[]) =>
  path.reduce((element, index) => element.children[index]!, parseDer(der));
const oidOf = (extension: Uint8Array) => part(extension, 0).encoded;
const contentOf = (extension: Uint8Array) => parseDer(extension).children.at(-1)!.content;
const isCritical = (extension: Uint8Array) => parseDer(extension).children.length === 3;
const rebuild = (oid: Uint8Array, critical: boolean, value: Uint8Array) =>
  encodeDer(TAG.sequence, oid, hex(critical ? '0101ff' : ''), encodeDer(TAG.octetString, value));
const named = (oid: string, critical: boolean, value: string) => rebuild(hex(oid), critical, hex(value));

const KEY_USAGE = '0603551d0f';
const EXTENDED_KEY_USAGE = '0603551d25';
const BASIC_CONSTRAINTS = '0603551d13';
const AUTHORITY_KEY = '0603551d23';
const SUBJECT_KEY = '0603551d0e';

/** The extensions with this one's value replaced, or with it added where it is not there. */
const withValue = (oid: string, critical: boolean, value: string) => (fields: TbsFields) => {
  const others = fields.extensions.map((bytes) =>
    Buffer.from(oidOf(bytes)).toString('hex') === oid ? named(oid, critical, value) : bytes,
  );
  const there = fields.extensions.some((bytes) => Buffer.from(oidOf(bytes)).toString('hex') === oid);
  return { extensions: there ? others : [...others, named(oid, critical, value)] };
};
const commonName = (text: string, tag: number) =>
  encodeDer(
    TAG.sequence,
    encodeDer(TAG.set, encodeDer(TAG.sequence, hex('0603550403'), encodeDer(tag, Buffer.from(text)))),
  );

type Mutation = readonly [what: string, change: (fields: TbsFields) => Partial<TbsFields>];

/** Wrong for every profile. */
const ANY_PROFILE: readonly Mutation[] = [
  ['another subject', () => ({ subject: encodeCommonName('Gavel') })],
  ['an empty subject', () => ({ subject: hex('3000') })],
  ['a subject with more in it', ({ subject }) => ({ subject: doubled(subject) })],
  ['the subject as PrintableString', ({ subject }) => ({ subject: printable(subject) })],
  ['another issuer', () => ({ issuer: encodeCommonName('Gavel') })],
  ['the issuer as PrintableString', (fields) => ({ issuer: printable(fields.issuer) })],
  ['another authority key', withValue(AUTHORITY_KEY, false, `30168014${'00'.repeat(20)}`)],
  ['another subject key', withValue(SUBJECT_KEY, false, `0414${'00'.repeat(20)}`)],
  ['an unknown extension', withValue('06032a0304', false, '0500')],
  ['an unknown critical extension', withValue('06032a0304', true, '0500')],
  ['name constraints', withValue('0603551d1e', true, '3000')],
  ['a policy', withValue('0603551d20', false, '300630040602 2a03')],
  ['a revocation address', withValue('0603551d1f', false, '3000')],
  ['the extensions in another order', ({ extensions }) => ({ extensions: extensions.toReversed() })],
  ['no key usage in use', withValue(KEY_USAGE, true, '030100')],
  ['every key usage', withValue(KEY_USAGE, true, '030200ff')],
  ['a key usage with spare bits', withValue(KEY_USAGE, true, '03020081')],
  ['any purpose', withValue(EXTENDED_KEY_USAGE, false, '3006 0604551d2500')],
  ['two purposes', withValue(EXTENDED_KEY_USAGE, false, '3014 06082b06010505070302 06082b06010505070301')],
  ['no purposes', withValue(EXTENDED_KEY_USAGE, false, '3000')],
];

/** Wrong for leaves. */
const LEAF: readonly Mutation[] = [
  ['authority', withValue(BASIC_CONSTRAINTS, true, '30030101ff')],
  ['no authority, in words', withValue(BASIC_CONSTRAINTS, true, '3000')],
  ['an authority key with issuer and serial', withValue(AUTHORITY_KEY, false, `30198014${'00'.repeat(20)}820101`)],
];

/** Wrong for authorities. */
const AUTHORITIES: readonly Mutation[] = [
  ['no path length', withValue(BASIC_CONSTRAINTS, true, '30030101ff')],
  ['a greater path length', withValue(BASIC_CONSTRAINTS, true, '30060101ff020102')],
  ['no authority', withValue(BASIC_CONSTRAINTS, true, '3000')],
  ['no authority, with a path length', withValue(BASIC_CONSTRAINTS, true, '3003020100')],
  ['constraints that are not critical', withValue(BASIC_CONSTRAINTS, false, '30060101ff020100')],
];

function doubled(subject: Uint8Array): Uint8Array {
  const { content } = parseDer(subject);
  return encodeDer(TAG.sequence, content, content);
}

function printable(name: Uint8Array): Uint8Array {
  return commonName(Buffer.from(part(name, 0, 0, 1).content).toString(), 0x13);
}

const PROFILE_ROWS: readonly (readonly [ProfileName, readonly Mutation[]])[] = [
  ...LEAF_PROFILES.map((profile) => [profile, [...ANY_PROFILE, ...LEAF]] as const),
  ['issuing-ca', [...ANY_PROFILE, ...AUTHORITIES]],
  ['root', [...ANY_PROFILE, ...AUTHORITIES]],
];

/** Changes one thing and signs with the key of whoever ought to have signed. */
function changed(profile: ProfileName, change: (fields: TbsFields) => Partial<TbsFields>): Certificate {
  const signer = PROFILES[profile].issuedBy === 'root' ? authority.root : authority.issuer;
  return parseCertificateDer(reissue(issued.get(profile)!.certificate.der, signer.keys.privateKey, change));
}

describe.each(PROFILE_ROWS)('%s is untrusted with', (profile, mutations) => {
  it.each(mutations)('%s', (_, change) => {
    const certificate = changed(profile, change);
    expect(certificate.der).not.toEqual(issued.get(profile)!.certificate.der);
    expect(verdict(certificate, profile)).toBe('certificate-untrusted');
    if (profile === 'root') {
      expect(codeThrownBy(() => verifyRoot(certificate.pem))).toBe('certificate-untrusted');
      const under = { root: certificate, issuer, at: NOW };
      const leaf = issued.get('participant')!.certificate;
      expect(codeThrownBy(() => verifyCertificate(leaf, 'participant', under))).toBe('certificate-untrusted');
    }
    if (profile === 'issuing-ca') {
      expect(verdict(issued.get('participant')!.certificate, 'participant', { issuer: certificate })).toBe(
        'certificate-untrusted',
      );
    }
  });

  it('any extension missing, or of the other criticality', () => {
    const { extensions } = tbsFieldsOf(issued.get(profile)!.certificate.der);
    for (const [index, bytes] of extensions.entries()) {
      const without = changed(profile, () => ({ extensions: extensions.toSpliced(index, 1) }));
      expect([index, verdict(without, profile)]).toEqual([index, 'certificate-untrusted']);
      const other = rebuild(oidOf(bytes), !isCritical(bytes), contentOf(bytes));
      const flipped = changed(profile, () => ({ extensions: extensions.with(index, other) }));
      expect([index, verdict(flipped, profile)]).toEqual([index, 'certificate-untrusted']);
    }
  });

  it('nothing changed but the signature made again', () => {
    expect(
      verdict(
        changed(profile, () => ({})),
        profile,
      ),
    ).toBeUndefined();
  });
});

describe('a server certificate is untrusted with', () => {
  const names = (value: string) => withValue('0603551d11', false, value);
  const house = Buffer.from(`urn:uuid:${TEST_HOUSE}`).toString('hex');
  it.each([
    ['no house', 'dms-node', names('3003 820161')],
    ['no host', 'dms-node', names(`302f 862d${house}`)],
    ['the house before the host', 'dms-node', names(`3032 862d${house} 820161`)],
    ['a house', 'trusted-service-tls', names(`3032 820161 862d${house}`)],
    ['no names', 'trusted-service-tls', names('3000')],
  ] as const)('%s: %s', (_, profile, change) => {
    expect(verdict(changed(profile, change), profile)).toBe('certificate-untrusted');
  });
});

it('refuses a certificate with any one bit flipped', { timeout: 30_000 }, () => {
  const { der } = issued.get('participant')!.certificate;
  const accepted: number[] = [];
  for (let bit = 0; bit < der.byteLength * 8; bit += 1) {
    const flipped = Uint8Array.from(der);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    const code = codeThrownBy(() =>
      verifyCertificate(parseCertificateDer(flipped), 'participant', { root, issuer, at: NOW }),
    );
    if (code !== 'certificate-malformed' && code !== 'certificate-untrusted') accepted.push(bit);
  }
  expect(accepted).toEqual([]);
});
