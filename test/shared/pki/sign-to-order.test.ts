/** A builder that is broken on purpose, in every way that the profile forbids: the real key never sees what it wrote. */
import { createECDH, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { generateP256 } from '../../../shared/crypto/ecdsa.ts';
import { generateX25519 } from '../../../shared/crypto/x25519.ts';
import { encodeExtension } from '../../../shared/pki/certificate-extensions.ts';
import { OID, PROFILES, type ProfileName } from '../../../shared/pki/certificate-profile.ts';
import { TAG } from '../../../shared/pki/der.ts';
import { encodeCommonName, encodeDer, encodePositive, encodeTime } from '../../../shared/pki/encode-der.ts';
import {
  encodeTbsCertificate,
  encodeTbsRevocationList,
  type NumberedOrder,
  type RevocationListOrder,
} from '../../../shared/pki/encode-tbs.ts';
import { LintFailure, type Sign, signerOf } from '../../../shared/pki/sign-linted.ts';
import { signCertificate, signRevocationList } from '../../../shared/pki/sign-to-order.ts';
import { type Certificate, verifyStep } from '../../../shared/pki/verify-certificate.ts';
import { buildVerifiedCertificate } from '../../../shared/pki/x509-builder.ts';
import { editTbs, hex, type TbsFields } from '../../support/edit-certificate.ts';
import {
  ALL_PROFILES,
  createTestAuthority,
  LEAF_PROFILES,
  sampleFacts,
  type TestAuthority,
} from '../../support/test-authority.ts';

const NOW = Date.UTC(2031, 4, 6, 7, 8, 9);
const HOUR_MS = 3_600_000;
const keys = generateP256();

let authority: TestAuthority;
beforeAll(async () => {
  authority = await createTestAuthority(NOW);
});

/** The real key, with a count of what reached it. */
function countingSigner(sign: Sign): { readonly sign: Sign; readonly signed: Uint8Array[] } {
  const signed: Uint8Array[] = [];
  return {
    signed,
    sign: (tbs) => {
      signed.push(tbs);
      return sign(tbs);
    },
  };
}

function orderFor(profile: ProfileName): NumberedOrder {
  const { root, issuer } = authority;
  const parent = PROFILES[profile].issuedBy === 'root' ? root : issuer;
  const span = { notBefore: NOW - 60_000, notAfter: NOW + HOUR_MS };
  const order = { profile, ...span, serialHex: '40123456789abcdef0', ...sampleFacts(profile) };
  if (profile === 'root') return { ...order, publicKey: keys.publicKey, issuer: { key: keys.privateKey } };
  const above = { key: parent.keys.privateKey, certificate: parent.certificate };
  return { ...order, publicKey: keys.publicKey, issuer: above };
}

const verifying = (profile: ProfileName) => (certificate: Certificate, issuer: Certificate) => {
  verifyStep(certificate, profile, issuer);
  return certificate;
};

/** What came of a TBS: how often the real key was asked, and what was wrong. */
async function outcomeOf(order: NumberedOrder, tbs: Uint8Array, sign = signerOf(order.issuer.key)) {
  const counting = countingSigner(sign);
  const outcome = await signCertificate(tbs, order, counting.sign, verifying(order.profile)).catch((error) => error);
  return { outcome, signatures: counting.signed.length };
}

async function expectNeverSigned(order: NumberedOrder, tbs: Uint8Array): Promise<void> {
  const { outcome, signatures } = await outcomeOf(order, tbs);
  expect(outcome).toBeInstanceOf(LintFailure);
  expect(outcome.message).toMatch(/was not signed: /);
  expect(signatures).toBe(0);
}

const flipLast = (bytes: Uint8Array) => bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte));
const validity = (from: number, to: number) => encodeDer(TAG.sequence, encodeTime(from), encodeTime(to));
const spkiOf = (key: ReturnType<typeof generateP256>) => key.publicKey.export({ type: 'spki', format: 'der' });
const compressed = () => Buffer.from(createECDH('prime256v1').generateKeys('hex', 'compressed'), 'hex');

const BROKEN: readonly [string, (fields: TbsFields) => Partial<TbsFields>][] = [
  ['version 2', () => ({ version: hex('a003 0201 01') })],
  ['no version', () => ({ version: new Uint8Array() })],
  ['serial 0', () => ({ serial: hex('0201 00') })],
  ['a negative serial', () => ({ serial: hex('0201 ff') })],
  ['another serial', () => ({ serial: encodePositive('41') })],
  ['a serial of 21 bytes', () => ({ serial: encodePositive(`40${'00'.repeat(20)}`) })],
  [
    'a serial in more bytes than it needs',
    ({ serial }) => ({ serial: encodeDer(TAG.integer, hex('00'), serial.slice(2)) }),
  ],
  ['ECDSA with SHA-384', () => ({ algorithm: hex('300a 0608 2a8648ce3d040303') })],
  ['an algorithm with parameters', () => ({ algorithm: hex('300c 0608 2a8648ce3d040302 0500') })],
  ['another issuer', () => ({ issuer: encodeCommonName('Gavel Issuing CB') })],
  ['an earlier beginning', () => ({ validity: validity(NOW - 61_000, NOW + HOUR_MS) })],
  ['a later end', () => ({ validity: validity(NOW - 60_000, NOW + HOUR_MS + 1_000) })],
  ['an end before its beginning', () => ({ validity: validity(NOW + HOUR_MS, NOW - 60_000) })],
  [
    'a year of four digits where two are due',
    () => ({
      validity: encodeDer(
        TAG.sequence,
        ...['20310506070709Z', '20310506080809Z'].map((text) => encodeDer(TAG.generalizedTime, Buffer.from(text))),
      ),
    }),
  ],
  ['a subject that names somebody', () => ({ subject: encodeCommonName('Jane Doe') })],
  ['an empty subject', () => ({ subject: hex('3000') })],
  ['the key of somebody else', () => ({ key: spkiOf(generateP256()) })],
  [
    'a compressed key',
    () => ({
      key: encodeDer(
        TAG.sequence,
        hex('301306072a8648ce3d020106082a8648ce3d030107'),
        encodeDer(TAG.bitString, hex('00'), compressed()),
      ),
    }),
  ],
  ['a point beside the curve', ({ key }) => ({ key: flipLast(key) })],
  ['a unique identifier', () => ({ uniqueIdentifiers: hex('8102 0001') })],
  ['no extensions', () => ({ extensions: [] })],
  [
    'one extension more',
    ({ extensions }) => ({ extensions: [...extensions, encodeExtension('2.5.29.32', false, hex('3000'))] }),
  ],
  [
    'the wish of a stranger',
    ({ extensions }) => ({
      extensions: [...extensions, encodeExtension(OID.basicConstraints, true, hex('3003 0101 ff'))],
    }),
  ],
  ['extensions in another order', ({ extensions }) => ({ extensions: extensions.toReversed() })],
];

describe.each(ALL_PROFILES)('a builder of %s', (profile) => {
  it('that is right gets the signature, once', async () => {
    const order = orderFor(profile);
    const { outcome, signatures } = await outcomeOf(order, encodeTbsCertificate(order));
    expect([outcome.serialHex, signatures]).toEqual([order.serialHex, 1]);
  });

  it.each(BROKEN)('that writes %s gets none', async (_what, change) => {
    const order = orderFor(profile);
    await expectNeverSigned(order, editTbs(encodeTbsCertificate(order), change));
  });

  it('that drops, doubles or changes any extension, or its criticality, gets none', async () => {
    const order = orderFor(profile);
    const tbs = encodeTbsCertificate(order);
    const critical = hex('0101 ff');
    let count = 0;
    editTbs(tbs, ({ extensions }) => {
      count = extensions.length;
      return {};
    });
    for (let at = 0; at < count; at++) {
      const edit = (change: (extension: Uint8Array) => Uint8Array[]) =>
        expectNeverSigned(
          order,
          editTbs(tbs, ({ extensions }) => ({
            extensions: extensions.flatMap((one, index) => (index === at ? change(one) : [one])),
          })),
        );
      await edit(() => []);
      await edit((one) => [one, one]);
      await edit((one) => [flipLast(one)]);
      await edit((one) => {
        const flagAt = Buffer.from(one).indexOf(critical);
        const oidEnd = 4 + one[3]!;
        const body =
          flagAt === oidEnd
            ? [one.slice(2, oidEnd), one.slice(oidEnd + critical.length)]
            : [one.slice(2, oidEnd), critical, one.slice(oidEnd)];
        return [encodeDer(TAG.sequence, ...body)];
      });
    }
    expect(count).toBeGreaterThanOrEqual(3);
  });

  it('that gets any one bit of any byte wrong gets none', async () => {
    const order = orderFor(profile);
    const tbs = encodeTbsCertificate(order);
    // Every bit of what participants get; of the others one bit in each byte.
    const bits = profile === 'participant' ? [0, 1, 2, 3, 4, 5, 6, 7] : [randomBytes(1)[0]! & 7];
    const signed: string[] = [];
    for (let at = 0; at < tbs.length; at++) {
      for (const bit of bits) {
        const broken = tbs.map((byte, index) => (index === at ? byte ^ (1 << bit) : byte));
        const { outcome, signatures } = await outcomeOf(order, broken);
        if (signatures > 0 || !(outcome instanceof LintFailure)) signed.push(`byte ${at}, bit ${bit}: ${outcome}`);
      }
    }
    expect(signed).toEqual([]);
  });

  it('that cuts the end off, or adds to it, gets none', async () => {
    const order = orderFor(profile);
    const tbs = encodeTbsCertificate(order);
    for (const broken of [tbs.slice(0, -1), Buffer.concat([tbs, hex('00')]), new Uint8Array(), hex('3000')]) {
      await expectNeverSigned(order, broken);
    }
  });
});

describe('a builder that mistakes one holder for another gets no signature', () => {
  it.each(LEAF_PROFILES.filter((profile) => PROFILES[profile].carries.length > 0))('for %s', async (profile) => {
    const order = orderFor(profile);
    const { carries } = PROFILES[profile];
    const wrong: Partial<NumberedOrder>[] = [
      ...(carries.includes('agreement-key') ? [{ agreementKey: generateX25519().publicKey }] : []),
      ...(carries.includes('hosts')
        ? [{ hosts: ['evil.example'] }, { hosts: [...order.hosts!, 'evil.example'] }, { hosts: order.hosts!.slice(1) }]
        : []),
      ...(carries.includes('house')
        ? [{ house: '5f0c4a52-0c1f-4f0e-9b1a-3a6a5c0d8e22' as NonNullable<NumberedOrder['house']> }]
        : []),
    ];
    for (const change of wrong) await expectNeverSigned(order, encodeTbsCertificate({ ...order, ...change }));
    expect(wrong.length).toBeGreaterThan(0);
  });

  it('and takes hosts in any spelling for what they are', async () => {
    const order = { ...orderFor('trusted-service-tls'), hosts: ['LocalHost', '0:0:0:0:0:0:0:1', '127.0.0.1'] };
    const { outcome, signatures } = await outcomeOf(order, encodeTbsCertificate(order));
    expect([outcome.hosts, signatures]).toEqual([['localhost', '::1', '127.0.0.1'], 1]);
  });
});

describe('a profile', () => {
  it('is not signed as another', async () => {
    for (const [ordered, written] of [
      ['participant', 'dms-node'],
      ['token-signer', 'timestamp-signer'],
      ['timestamp-signer', 'token-signer'],
      ['participant', 'issuing-ca'],
    ] as const) {
      const order = orderFor(ordered);
      await expectNeverSigned(order, encodeTbsCertificate({ ...orderFor(written), issuer: order.issuer }));
    }
  });

  it('is not signed for a life beyond its issuer’s, nor for a time at which it is not valid', async () => {
    const { root } = authority;
    const { serialHex: _drawn, ...order } = { ...orderFor('participant'), profile: 'participant' as const };
    const trust = { root: root.certificate, at: NOW };
    for (const span of [
      { notBefore: NOW - 2 * HOUR_MS },
      { notAfter: NOW + 400 * 24 * HOUR_MS },
      { notBefore: NOW + 1_000 },
    ]) {
      await expect(buildVerifiedCertificate({ ...order, ...span }, trust)).rejects.toThrow(LintFailure);
    }
    expect((await buildVerifiedCertificate(order, trust)).notAfter).toBe(order.notAfter);
  });
});

describe('the real key', () => {
  it('of somebody else signs in vain: what it signed does not leave', async () => {
    const order = orderFor('participant');
    const { outcome, signatures } = await outcomeOf(order, encodeTbsCertificate(order), signerOf(keys.privateKey));
    expect([outcome.constructor, signatures]).toEqual([LintFailure, 1]);
    expect(outcome.message).toMatch(/is withheld: .*not signed by its issuer/);
  });

  it('that can not sign says so itself', async () => {
    const order = orderFor('participant');
    const { outcome } = await outcomeOf(order, encodeTbsCertificate(order), () => Promise.reject(new Error('no disk')));
    expect(outcome.message).toBe('no disk');
  });

  it('signs the bytes that were rehearsed, whoever writes into them meanwhile', async () => {
    const order = orderFor('participant');
    const tbs = encodeTbsCertificate(order);
    const sign: Sign = async (bytes) => {
      const signature = await signerOf(order.issuer.key)(bytes);
      tbs.fill(0);
      bytes.fill(0);
      return signature;
    };
    const { outcome } = await outcomeOf(order, tbs, sign);
    expect(Buffer.from(outcome.signed.tbs.encoded)).toEqual(Buffer.from(encodeTbsCertificate(order)));
  });

  it('is asked for nothing by the rehearsal: its key is another, and one for all', async () => {
    const order = orderFor('participant');
    const issuers: Certificate[] = [];
    for (let time = 0; time < 2; time++) {
      await signCertificate(encodeTbsCertificate(order), order, signerOf(order.issuer.key), (certificate, issuer) => {
        issuers.push(issuer);
        return verifying('participant')(certificate, issuer);
      });
    }
    const thumbprints = issuers.map(({ publicKey }) => JSON.stringify(publicKey.export({ format: 'jwk' })));
    expect(thumbprints).toEqual([thumbprints[0], thumbprints[1], thumbprints[0], thumbprints[1]]);
    expect(thumbprints[0]).not.toBe(thumbprints[1]);
    expect(issuers[1]).toBe(order.issuer.certificate);
  });
});

describe('a builder of revocation lists', () => {
  const listOrder = (changes: Partial<RevocationListOrder> = {}): RevocationListOrder => ({
    issuer: { key: authority.issuer.keys.privateKey, certificate: authority.issuer.certificate },
    number: 77,
    thisUpdate: NOW - 60_000,
    nextUpdate: NOW + HOUR_MS,
    revoked: [
      { serialHex: '40ff', revokedAt: NOW - 5_000, reason: 'keyCompromise' },
      { serialHex: 'ff', revokedAt: NOW - 90_000, reason: 'unspecified' },
    ],
    ...changes,
  });

  async function listOutcome(order: RevocationListOrder, tbs: Uint8Array) {
    const counting = countingSigner(signerOf(order.issuer.key));
    const outcome = await signRevocationList(tbs, order, counting.sign, NOW).catch((error) => error);
    return { outcome, signatures: counting.signed.length };
  }

  it('that is right gets the signature, once', async () => {
    for (const order of [listOrder(), listOrder({ revoked: [] })]) {
      const { outcome, signatures } = await listOutcome(order, encodeTbsRevocationList(order));
      expect([outcome instanceof Uint8Array, signatures]).toEqual([true, 1]);
    }
  });

  it.each<[string, () => Partial<RevocationListOrder>]>([
    ['another number', () => ({ number: 78 })],
    ['the dates of another', () => ({ thisUpdate: NOW - 61_000 })],
    ['an end that has passed', () => ({ nextUpdate: NOW })],
    ['no entries', () => ({ revoked: [] })],
    ['an entry less', () => ({ revoked: listOrder().revoked.slice(1) })],
    ['an entry twice', () => ({ revoked: [...listOrder().revoked, ...listOrder().revoked.slice(1)] })],
    [
      'an entry more',
      () => ({ revoked: [...listOrder().revoked, { serialHex: '4a', revokedAt: NOW, reason: 'superseded' }] }),
    ],
    [
      'another serial',
      () => ({ revoked: listOrder().revoked.map((entry) => ({ ...entry, serialHex: `${entry.serialHex}01` })) }),
    ],
    ['another reason', () => ({ revoked: listOrder().revoked.map((entry) => ({ ...entry, reason: 'superseded' })) })],
    [
      'another date of revocation',
      () => ({ revoked: listOrder().revoked.map((entry) => ({ ...entry, revokedAt: NOW })) }),
    ],
    [
      'the name of another authority',
      () => ({ issuer: { key: keys.privateKey, certificate: authority.root.certificate } }),
    ],
  ])('that writes %s gets none', async (_what, change) => {
    const order = listOrder();
    const { outcome, signatures } = await listOutcome(order, encodeTbsRevocationList({ ...order, ...change() }));
    expect([outcome.constructor, signatures]).toEqual([LintFailure, 0]);
  });

  it('that gets any one bit wrong gets none', async () => {
    const order = listOrder();
    const tbs = encodeTbsRevocationList(order);
    const signed: string[] = [];
    for (let at = 0; at < tbs.length * 8; at++) {
      const broken = tbs.map((byte, index) => (index === at >> 3 ? byte ^ (1 << (at & 7)) : byte));
      const { outcome, signatures } = await listOutcome(order, broken);
      if (signatures > 0 || !(outcome instanceof LintFailure)) signed.push(`bit ${at}: ${outcome}`);
    }
    expect(signed).toEqual([]);
  });
});
