import { beforeAll, describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../../shared/bytes.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import { parseDer, TAG } from '../../../shared/pki/der.ts';
import { encodeDer, encodeInteger, encodePositive } from '../../../shared/pki/encode-der.ts';
import { parseCertificateDer } from '../../../shared/pki/verify-certificate.ts';
import {
  type ExpectedTimestamp,
  verifyTimestampResponse,
} from '../../../shared/timestamp/verify-timestamp-response.ts';
import type { Digest } from '../../../shared/wire/vocabulary.ts';
import { hex, reissue } from '../../support/edit-certificate.ts';
import {
  attribute,
  contentTypeAttribute,
  digestAttribute,
  essAttribute,
  essId,
  type Forgery,
  forgeReply,
  type GoodReply,
  goodAttributes,
  messageImprint,
  NOTHING,
  octets,
  oid,
  POLICY_OIDS,
  SHA256,
  SHA256_NULL,
  SHA512,
  seq,
  set,
  sha256,
  timeText,
  tstInfo,
} from '../../support/forge-timestamp.ts';
import { createTestAuthority, type Issued, type TestAuthority } from '../../support/test-authority.ts';

const NOW = Date.UTC(2031, 4, 6, 7, 8, 9);
const HOUR_MS = 3_600_000;

let authority: TestAuthority;
let signer: Issued;
let participant: Issued;
let tokenSigner: Issued;
let good: GoodReply;
let expected: ExpectedTimestamp;

beforeAll(async () => {
  authority = await createTestAuthority(NOW);
  signer = await authority.issue('timestamp-signer');
  participant = await authority.issue('participant');
  tokenSigner = await authority.issue('token-signer');
  const digest = sha256(Buffer.from('a document'));
  const nonce = hex('0209 00f1e2d3c4b5a69788');
  good = { authority, signer, digest, nonce, time: timeText('20310506070809.12Z') };
  expected = { root: authority.root.certificate, imprint: encodeBase64url(digest) as Digest, nonce, clock: 'real' };
});

/** The check that failed; `undefined` if none did. */
async function failure(reply: Uint8Array, changes: Partial<ExpectedTimestamp> = {}): Promise<string | undefined> {
  try {
    await verifyTimestampResponse(reply, { ...expected, ...changes });
    return undefined;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    expect(error.code).toBe('timestamp-invalid');
    return error.detail;
  }
}

describe('a reply', () => {
  it('that answers the query is accepted, and says when, which and who', async () => {
    const verified = await verifyTimestampResponse(forgeReply(good), expected);
    expect(verified).toEqual({ at: NOW + 120, serial: 77, clock: 'real', signer: expect.anything() });
    expect(verified.signer.sha256).toBe(signer.certificate.sha256);
  });

  it.each<[string, () => Forgery, () => Partial<ExpectedTimestamp>]>([
    ['of whole seconds', () => ({ tst: { time: timeText('20310506070809Z') } }), () => ({})],
    [
      'with the other form of SHA-256',
      () => ({ tst: { imprint: messageImprint(good.digest, SHA256_NULL) } }),
      () => ({}),
    ],
    ['without a nonce', () => ({ tst: { nonce: NOTHING } }), () => ({ nonce: 'none' })],
    ['whose nonce does not matter', () => ({}), () => ({ nonce: 'unchecked' })],
    ['of either clock', () => ({}), () => ({ clock: undefined as never })],
    ['of the simulated clock', () => ({ tst: SIMULATED }), () => ({ clock: 'simulated' })],
    ['without certificates', () => ({ certificates: [] }), () => ({ certificates: ours() })],
    ['with a serial of 53 bits', () => ({ tst: { serial: encodeInteger(Number.MAX_SAFE_INTEGER) } }), () => ({})],
  ])('%s is accepted', async (_what, forged, changes) => {
    expect(await failure(forgeReply(good, forged()), changes())).toBeUndefined();
  });
});

const SIMULATED = { policy: oid(POLICY_OIDS.simulated), accuracy: NOTHING };
/** Ours, and others that must not stand in the way. */
const ours = () =>
  [participant, tokenSigner, authority.root, authority.issuer, signer].map(({ certificate }) => certificate);

/** Each is signed as it should be, but for what its row says. */
const FORGERIES: readonly [what: string, forged: () => Forgery, check: RegExp][] = [
  // status
  ['rejected, with a token', () => ({ statusInfo: seq(encodeInteger(2)) }), /not granted/],
  ['granted with modifications', () => ({ statusInfo: seq(encodeInteger(1)) }), /not granted/],
  ['granted and explained', () => ({ statusInfo: seq(encodeInteger(0), hex('03020780')) }), /explains/],
  ['granted and commented', () => ({ statusInfo: seq(encodeInteger(0), seq()) }), /explains/],
  ['with a third field', () => ({ afterToken: seq() }), /do not belong/],
  // content types and versions
  ['that is another content', () => ({ contentType: oid('1.2.840.113549.1.7.1') }), /not signed data/],
  ['over another content type', () => ({ encapsulatedType: oid('1.2.840.113549.1.7.1') }), /not a timestamp/],
  ['of signed data version 1', () => ({ signedDataVersion: encodeInteger(1) }), /version 3/],
  ['of signer version 3', () => ({ signerVersion: encodeInteger(3) }), /version 1/],
  ['of TSTInfo version 2', () => ({ tst: { version: encodeInteger(2) } }), /version 1/],
  ['over something else than a TSTInfo', () => ({ content: octets(good.digest) }), /not a sequence/],
  ['over no DER at all', () => ({ content: Buffer.from('hello') }), /./],
  ['with bytes after the TSTInfo', () => ({ content: Buffer.concat([tstInfo(good), NUL]) }), /after the end|tag/],
  // algorithms
  ['with another digest algorithm listed', () => ({ digestAlgorithms: set(SHA512) }), /SHA-256 alone/],
  ['with two digest algorithms', () => ({ digestAlgorithms: set(SHA256, SHA512) }), /SHA-256 alone/],
  ['with no digest algorithm', () => ({ digestAlgorithms: set() }), /SHA-256 alone/],
  ['with the other form of SHA-256 listed', () => ({ digestAlgorithms: set(SHA256_NULL) }), /SHA-256 alone/],
  ["with another signer's digest", () => ({ signerDigest: SHA512 }), /signer's digest/],
  ['with another signature algorithm', () => ({ signatureAlgorithm: hex('300a06082a8648ce3d040304') }), /ECDSA/],
  ['with parameters of ECDSA', () => ({ signatureAlgorithm: hex('300c06082a8648ce3d0403020500') }), /ECDSA/],
  // TSTInfo
  ['over another digest', () => ({ tst: { imprint: messageImprint(sha256(good.digest)) } }), /another digest/],
  ['over a shorter digest', () => ({ tst: { imprint: messageImprint(good.digest.subarray(1)) } }), /another digest/],
  ['with another algorithm', () => ({ tst: { imprint: messageImprint(good.digest, SHA512) } }), /imprint's algorithm/],
  ['with another nonce', () => ({ tst: { nonce: encodeInteger(5) } }), /nonce/],
  ['without the nonce', () => ({ tst: { nonce: NOTHING } }), /nonce/],
  ['under another policy', () => ({ tst: { policy: oid('2.25.1.1') } }), /policy/],
  ['under the other clock', () => ({ tst: SIMULATED }), /policy/],
  ['under the parent of the policies', () => ({ tst: { policy: oid(POLICY_OIDS.real.slice(0, -2)) } }), /policy/],
  ['with a better accuracy', () => ({ tst: { accuracy: seq(hex('800101')) } }), /accuracy/],
  ['without the accuracy', () => ({ tst: { accuracy: NOTHING } }), /accuracy/],
  ['with ordering', () => ({ tst: { nonce: Buffer.concat([hex('0101ff'), good.nonce]) } }), /do not belong/],
  ['with ordering false in words', () => ({ tst: { accuracy: hex('3003020101 010100') } }), /do not belong/],
  ['with a name of the authority', () => ({ tst: { more: hex('a004 8202 6161') } }), /do not belong/],
  ['with extensions', () => ({ tst: { more: hex('a100') } }), /do not belong/],
  ['with serial 0', () => ({ tst: { serial: encodeInteger(0) } }), /serial/],
  ['with a negative serial', () => ({ tst: { serial: hex('0201ff') } }), /serial/],
  ['with a serial beyond 53 bits', () => ({ tst: { serial: hex('0207 20000000000000') } }), /serial/],
  ['with a serial of 9 bytes', () => ({ tst: { serial: hex('0209 010000000000000000') } }), /serial/],
  // genTime
  ['of a time in another zone', () => ({ tst: { time: timeText('20310506070809.12+0000') } }), /genTime/],
  ['of a time with a trailing zero', () => ({ tst: { time: timeText('20310506070809.120Z') } }), /genTime/],
  ['of a time with microseconds', () => ({ tst: { time: timeText('20310506070809.1234Z') } }), /genTime/],
  ['of a time with a bare point', () => ({ tst: { time: timeText('20310506070809.Z') } }), /genTime/],
  ['of a time without seconds', () => ({ tst: { time: timeText('203105060708Z') } }), /genTime/],
  ['of a day that is none', () => ({ tst: { time: timeText('20310230070809Z') } }), /genTime/],
  ['of a leap second', () => ({ tst: { time: timeText('20310506070860Z') } }), /genTime/],
  ['of the hour 24', () => ({ tst: { time: timeText('20310506240000Z') } }), /genTime/],
  ['of a time before 1970', () => ({ tst: { time: timeText('19690506070809Z') } }), /genTime/],
  ['of a UTCTime', () => ({ tst: { time: encodeDer(TAG.utcTime, Buffer.from('310506070809Z')) } }), /genTime/],
  ['of a time before the certificate', () => ({ tst: { time: timeText('20310506060808.999Z') } }), /not-yet-valid/],
  ['of a time after the certificate', () => ({ tst: { time: timeText('20310507070809.001Z') } }), /expired/],
  // signed attributes
  ['without signed attributes', () => ({ attributes: () => [] }), /signed attributes/],
  ['without a content type', without(0), /contentType is missing/],
  ['without a message digest', without(1), /messageDigest is missing/],
  ['without an ESS certificate', without(2), /signingCertificateV2 is missing/],
  ['with another content type', replaced(0, () => contentTypeAttribute('1.2.840.113549.1.7.1')), /contentType has/],
  ['with another message digest', replaced(1, () => digestAttribute(sha256(NUL))), /messageDigest has/],
  ['with the ESS hash of another certificate', replaced(2, () => essOf(participant)), /signingCertificateV2 has/],
  ['with the ESS hash of the issuing CA', replaced(2, () => essOf(authority.issuer)), /signingCertificateV2 has/],
  ['with two ESS hashes', replaced(2, () => essAttribute(idOf(signer), idOf(authority.issuer))), /V2 has/],
  ['with no ESS hash', replaced(2, () => essAttribute()), /signingCertificateV2 has/],
  [
    'with an ESS hash that names SHA-512',
    replaced(2, () => essAttribute(seq(SHA512, octets(sha256(signer.certificate.der))))),
    /./,
  ],
  ['with the older ESS attribute instead', replaced(2, () => essVersion1()), /signingCertificateV2 is missing/],
  ['with the older ESS attribute as well', more(() => essVersion1()), /other signed attributes/],
  ['with a signing time', more(() => attribute('1.2.840.113549.1.9.5', timeText('20310506070809Z'))), /other signed/],
  ['with two content types', more(() => contentTypeAttribute('1.2.840.113549.1.7.1')), /occurs twice/],
  ['with the same attribute twice', more(() => contentTypeAttribute()), /twice/],
  ['with an attribute of two values', replaced(0, () => twoTypes()), /exactly one value/],
  ['with attributes out of order', () => ({ attributes: backwards, unsorted: true }), /sorted set/],
  // signature and signer
  ['signed by another key', () => ({ key: participant }), /signature-invalid/],
  ['with the twin of the signature', () => ({ signature: twin }), /signature-invalid/],
  ['with a signature of zeros', () => ({ signature: () => seq(encodeInteger(0), encodeInteger(0)) }), /not positive/],
  ['with a signature of raw bytes', () => ({ signature: () => new Uint8Array(64).fill(1) }), /./],
  ['with a signature and more', () => ({ signature: (bytes) => Buffer.concat([bytes, NUL]) }), /after the end|tag/],
  ['with unsigned attributes', () => ({ afterSignature: hex('a100') }), /do not belong/],
  ['with two signers', () => ({ moreSigners: (one) => [seq(...parts(one), hex('a100'))] }), /exactly one signer/],
  ['with the same signer twice', () => ({ moreSigners: (one) => [one] }), /twice/],
  ['with revocation lists', () => ({ afterCertificates: hex('a100') }), /missing/],
  ['that names another serial', () => ({ issuerAndSerial: seq(issuerName(), encodeInteger(9)) }), /signer's cert/],
  ['that names another issuer', () => ({ issuerAndSerial: seq(rootName(), serialOf(signer)) }), /signer's certificate/],
  ['that names a key identifier', () => ({ issuerAndSerial: encodeDer(0x80, new Uint8Array(20)) }), /identifier/],
  // certificates
  ['by a participant of the same CA', () => ({ signer: participant }), /certificate-untrusted/],
  ['by the token signer of the same CA', () => ({ signer: tokenSigner }), /certificate-untrusted/],
  ['by the issuing CA', () => ({ signer: authority.issuer, issuer: authority.root.certificate }), /untrusted/],
  ['with the signer alone', () => ({ certificates: ders(signer) }), /two certificates/],
  ['with the root as well', () => ({ certificates: ders(signer, authority.issuer, authority.root) }), /two cert/],
  ['with the signer and another', () => ({ certificates: ders(signer, participant) }), /signer's issuer/],
  ['with certificates out of order', () => ({ certificates: ders(signer, authority.issuer).reverse() }), /sorted/],
  ['with the same certificate twice', () => ({ certificates: ders(signer, signer) }), /twice/],
  ['without certificates', () => ({ certificates: [] }), /signer's certificate is missing/],
  ['with a certificate that is none', () => ({ certificates: [seq(), ...ders(signer)] }), /certificate-malformed/],
];

const NUL = new Uint8Array(1);
const idOf = ({ certificate }: Issued) => essId(certificate);
const essOf = (issued: Issued) => essAttribute(idOf(issued));
const essVersion1 = () => attribute('1.2.840.113549.1.9.16.2.12', seq(seq(seq(octets(new Uint8Array(20))))));
const twoTypes = () => attribute('1.2.840.113549.1.9.3', oid('1.2.840.113549.1.7.1'), oid('1.2.840.113549.1.9.16.1.4'));
const issuerName = () => signer.certificate.issuerDer;
const rootName = () => authority.root.certificate.subjectDer;
const serialOf = ({ certificate }: Issued) => encodePositive(certificate.serialHex);
const ders = (...issued: Issued[]) => issued.map(({ certificate }) => certificate.der).sort(Buffer.compare);
const parts = (der: Uint8Array) => parseDer(der).children.map(({ encoded }) => encoded);

type Attributes = NonNullable<Forgery['attributes']>;
const backwards: Attributes = (of) => goodAttributes(of).sort(Buffer.compare).reverse();
function without(index: number): () => Forgery {
  return () => ({ attributes: (of) => goodAttributes(of).toSpliced(index, 1) });
}
function replaced(index: number, other: () => Uint8Array): () => Forgery {
  return () => ({ attributes: (of) => goodAttributes(of).with(index, other()) });
}
function more(other: () => Uint8Array): () => Forgery {
  return () => ({ attributes: (of) => [...goodAttributes(of), other()] });
}

/** (r, n − s): verifies like (r, s). */
function twin(signature: Uint8Array): Uint8Array {
  const [r, s] = parseDer(signature).children;
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const other = order - BigInt(`0x${Buffer.from(s!.content).toString('hex')}`);
  return seq(r!.encoded, encodePositive(other.toString(16)));
}

describe('refused is a reply', () => {
  it.each(FORGERIES)('%s', async (_what, forged, check) => {
    expect(await failure(forgeReply(good, forged()))).toMatch(check);
  });

  it('without a token', async () => {
    expect(await failure(seq(seq(encodeInteger(0))))).toMatch(/not granted/);
    expect(await failure(seq(seq(encodeInteger(2), hex('03020780'))))).toMatch(/not granted/);
  });

  it('with a nonce that nobody asked for', async () => {
    expect(await failure(forgeReply(good), { nonce: 'none' })).toMatch(/nonce/);
  });

  it('under another root', async () => {
    const { root } = await createTestAuthority(NOW);
    expect(await failure(forgeReply(good), { root: root.certificate })).toMatch(/certificate-untrusted/);
  });

  it('of a signer whom another authority certified, with all of its certificates', async () => {
    const stranger = await createTestAuthority(NOW);
    const forged = { signer: await stranger.issue('timestamp-signer'), issuer: stranger.issuer.certificate };
    expect(await failure(forgeReply(good, forged))).toMatch(/certificate-untrusted/);
  });

  it('of a signer whose certificate has another purpose, or more than one', async () => {
    const purposes = (...of: string[]) => seq(oid('2.5.29.37'), hex('0101ff'), octets(seq(...of.map(oid))));
    const timeStamping = '1.3.6.1.5.5.7.3.8';
    const uncritical = seq(oid('2.5.29.37'), octets(seq(oid(timeStamping))));
    const key = authority.issuer.keys.privateKey;
    for (const extension of [purposes('1.3.6.1.5.5.7.3.3'), purposes(timeStamping, '1.3.6.1.5.5.7.3.3'), uncritical]) {
      const der = reissue(signer.certificate.der, key, ({ extensions }) => ({
        extensions: extensions.with(1, extension),
      }));
      const other = { ...signer, certificate: parseCertificateDer(der) };
      expect(await failure(forgeReply(good, { signer: other }))).toMatch(/certificate-untrusted.*extensions/);
    }
    // The way in which the three were made makes a good one too.
    const same = reissue(signer.certificate.der, key, ({ extensions }) => ({
      extensions: extensions.with(1, purposes(timeStamping)),
    }));
    expect(
      await failure(forgeReply(good, { signer: { ...signer, certificate: parseCertificateDer(same) } })),
    ).toBeUndefined();
  });

  it('of a time when the issuing CA was not valid', async () => {
    const early = await authority.issue('timestamp-signer', { notBefore: NOW - 100 * HOUR_MS });
    const forged = { signer: early, tst: { time: timeText('20310505070809Z') } };
    expect(await failure(forgeReply(good, forged))).toMatch(/certificate-not-yet-valid/);
  });

  it('of a signer who was revoked', async () => {
    const revocations = { isRevoked: (_: unknown, serialHex: string) => serialHex === signer.certificate.serialHex };
    expect(await failure(forgeReply(good), { revocations })).toMatch(/certificate-revoked/);
    expect(await failure(forgeReply(good), { revocations: { isRevoked: () => false } })).toBeUndefined();
  });

  it('whose certificates are not known, or not all', async () => {
    const reply = forgeReply(good, { certificates: [] });
    const [, , , issuer, own] = ours();
    expect(await failure(reply, { certificates: [own!] })).toMatch(/signer's issuer/);
    expect(await failure(reply, { certificates: [issuer!] })).toMatch(/signer's certificate/);
  });

  it('whose included certificates others stand in for', async () => {
    const reply = forgeReply(good, { certificates: ders(participant, tokenSigner) });
    expect(await failure(reply, { certificates: ours() })).toMatch(/signer's certificate/);
  });

  it('that is too long', async () => {
    const nonce = encodeDer(TAG.integer, new Uint8Array(8_000).fill(1));
    expect(await failure(forgeReply(good, { tst: { nonce } }), { nonce })).toMatch(/too long/);
  });

  it('with a bit of any byte changed, cut anywhere, or with a byte more', async () => {
    const reply = forgeReply(good);
    const accepted: string[] = [];
    const attempt = async (what: string, bytes: Uint8Array) => {
      if ((await failure(bytes)) === undefined) accepted.push(what);
    };
    for (let index = 0; index < reply.length; index++) {
      const changed = Uint8Array.from(reply);
      changed[index]! ^= 1 << (index % 8);
      await attempt(`byte ${index}`, changed);
      await attempt(`cut at ${index}`, reply.subarray(0, index));
    }
    await attempt('a byte more', Buffer.concat([reply, NUL]));
    expect(accepted).toEqual([]);
    expect(await failure(reply)).toBeUndefined();
  });
});
