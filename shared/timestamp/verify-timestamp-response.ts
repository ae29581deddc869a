/**
 * Verifies RFC 3161 replies, from the pinned root alone. Libraries accept a token of any certificate of the same CA, or
 * with another nonce; so here every check has its line, and what is not exactly what this authority writes is refused.
 */
import { decodeBase64url, equalBytes } from '../bytes.ts';
import { verifyP256 } from '../crypto/ecdsa.ts';
import { ProtocolError } from '../errors.ts';
import { encodeAuthorityKeyIdentifier, findExtension } from '../pki/certificate-extensions.ts';
import { OID } from '../pki/certificate-profile.ts';
import { parseDer, refusingDer } from '../pki/der.ts';
import { readEcdsaSignature } from '../pki/ecdsa-signature.ts';
import { encodePositive } from '../pki/encode-der.ts';
import { ECDSA_WITH_SHA256 } from '../pki/signed-structure.ts';
import {
  type Certificate,
  parseCertificateDer,
  type Revocations,
  type VerifiedCertificate,
  verifyCertificate,
} from '../pki/verify-certificate.ts';
import type { ClockKind, Digest, Instant, Serial } from '../wire/vocabulary.ts';
import { CMS_OID, TIMESTAMP_POLICIES } from './rfc3161.ts';
import { type SignedAttributes, signedAttributesOf } from './signed-attributes.ts';
import { readSignedToken, readTimestampResponse, type SignedToken, type SignerInfo } from './timestamp-response.ts';
import {
  readMessageImprint,
  readTstInfo,
  SHA256_ALGORITHM,
  SHA256_ALGORITHM_WITH_NULL,
  type TstInfo,
} from './tst-info.ts';

/** What the reply must be an answer to, and what is trusted. */
export interface ExpectedTimestamp {
  /** From `verifyRoot`. */
  readonly root: Certificate;
  /** The SHA-256 that was to be stamped. */
  readonly imprint: Digest;
  /** The INTEGER of the query, DER. 'unchecked' is for a reply that was kept, when it no longer matters how fresh it was. */
  readonly nonce: Uint8Array | 'none' | 'unchecked';
  /** The kind of clock to insist on. */
  readonly clock?: ClockKind;
  /** For replies without certificates: the timestamp signer's and its issuing CA's, among others perhaps. */
  readonly certificates?: readonly Certificate[];
  readonly revocations?: Revocations;
}

/** Shows that the imprint existed no later than `at`, with this number in the authority's order. */
export interface VerifiedTimestamp {
  readonly at: Instant;
  readonly serial: Serial;
  readonly clock: ClockKind;
  readonly signer: VerifiedCertificate<'timestamp-signer'>;
}

/**
 * Verifies a TimeStampResp in DER.
 * @throws ProtocolError 'timestamp-invalid'; `detail` says which check failed
 */
export async function verifyTimestampResponse(
  der: Uint8Array,
  expected: ExpectedTimestamp,
): Promise<VerifiedTimestamp> {
  try {
    return await verifyReply(Uint8Array.from(der), expected);
  } catch (cause) {
    if (!(cause instanceof ProtocolError) || cause.code === 'timestamp-invalid') throw cause;
    // Whatever is wrong with a certificate or a signature is wrong with the timestamp.
    throw new ProtocolError('timestamp-invalid', [cause.code, cause.detail ?? []].flat().join(': '), { cause });
  }
}

async function verifyReply(der: Uint8Array, expected: ExpectedTimestamp): Promise<VerifiedTimestamp> {
  // The bytes are a reply, in strict DER to the last of them.
  const { status, token: granted } = reading(() => readTimestampResponse(der));
  // The authority granted the request; a token beside another status is none.
  check(status === GRANTED && granted !== undefined, 'the request was not granted');
  const token = reading(() => readSignedToken(granted));
  // It is signed data, and what is signed is a timestamp.
  demandContentTypes(token);
  // Everything is hashed with SHA-256 and signed with ECDSA.
  demandAlgorithms(token);
  const info = reading(() => readTstInfo(token.content));
  // It is over our digest.
  demandImprint(info, expected.imprint);
  // It was made for our query.
  demandNonce(info, expected.nonce);
  // It is under one of the authority's policies, and promises what that policy promises.
  const clock = demandPolicy(info, expected.clock);
  // The signer's certificate and its issuer's are there, in the reply or ours.
  const { signer: certificate, issuer } = findCertificates(token, expected.certificates ?? []);
  // The signature covers the three attributes: these values, no others and no other attribute.
  demandAttributes(token.signer, signedAttributesOf(token.content, certificate.der));
  // Root, issuing CA, signer: exactly of the closed profile, with time-stamping as the one purpose, all valid at genTime.
  const { root, revocations } = expected;
  const trust = { root, issuer, at: info.at, ...(revocations === undefined ? {} : { revocations }) };
  const signer = verifyCertificate(certificate, 'timestamp-signer', trust);
  // That certificate's key made the signature, in its one form.
  const signature = reading(() => readEcdsaSignature(token.signer.signature));
  await verifyP256(signer.publicKey, token.signer.signedBytes, signature);
  return { at: info.at, serial: info.serial, clock, signer };
}

const GRANTED = '00';
/** The signer's and the issuing CA's. */
const CERTIFICATES_IN_REPLY = 2;

function demandContentTypes({ contentType, encapsulatedType }: SignedToken): void {
  check(equalBytes(contentType, CMS_OID.signedData), 'the token is not signed data');
  check(equalBytes(encapsulatedType, CMS_OID.tstInfo), 'what is signed is not a timestamp');
}

function demandAlgorithms({ digestAlgorithms, signer }: SignedToken): void {
  const [digest, ...others] = digestAlgorithms;
  check(
    digest !== undefined && equalBytes(digest, SHA256_ALGORITHM) && others.length === 0,
    'the digest algorithms are not SHA-256 alone',
  );
  check(equalBytes(signer.digestAlgorithm, SHA256_ALGORITHM), "the signer's digest algorithm is not SHA-256");
  check(equalBytes(signer.signatureAlgorithm, ECDSA_WITH_SHA256), 'the signature is not ECDSA with SHA-256');
}

function demandImprint(info: TstInfo, expected: Digest): void {
  const { algorithm, digest } = reading(() => readMessageImprint(parseDer(info.imprint)));
  // Of the two forms the authority repeats the one that it was asked with.
  check(
    equalBytes(algorithm, SHA256_ALGORITHM) || equalBytes(algorithm, SHA256_ALGORITHM_WITH_NULL),
    "the imprint's algorithm is not SHA-256",
  );
  const wanted = decodeBase64url(expected);
  check(wanted !== undefined && equalBytes(digest, wanted), 'it is over another digest');
}

function demandNonce({ nonce }: TstInfo, expected: ExpectedTimestamp['nonce']): void {
  if (expected === 'unchecked') return;
  if (expected === 'none') check(nonce === undefined, 'it has a nonce that the query did not have');
  else check(nonce !== undefined && equalBytes(nonce, expected), "it has not the query's nonce");
}

function demandPolicy({ policy, accuracy }: TstInfo, expected: ClockKind | undefined): ClockKind {
  const kinds = (['real', 'simulated'] as const).filter((kind) => expected === undefined || kind === expected);
  const clock = kinds.find((kind) => equalBytes(policy, TIMESTAMP_POLICIES[kind].oid));
  check(clock !== undefined, 'it is under another policy');
  const { accuracy: promised } = TIMESTAMP_POLICIES[clock];
  check(equalBytes(accuracy ?? NOTHING, promised ?? NOTHING), "the accuracy is not the policy's");
  return clock;
}

const NOTHING = new Uint8Array();

function findCertificates(token: SignedToken, known: readonly Certificate[]) {
  const included = token.certificates.map(parseCertificateDer);
  check([0, CERTIFICATES_IN_REPLY].includes(included.length), 'it has not the two certificates, or none');
  const pool = included.length > 0 ? included : known;
  const { issuer: issuerName, serial } = token.signer;
  const signer = pool.find(
    ({ issuerDer, serialHex }) => equalBytes(issuerDer, issuerName) && equalBytes(encodePositive(serialHex), serial),
  );
  check(signer !== undefined, "the signer's certificate is missing");
  const authorityKey = findExtension(signer.extensions, OID.authorityKeyIdentifier)?.encoded ?? NOTHING;
  const issuer = pool.find(
    (candidate) =>
      candidate !== signer && equalBytes(encodeAuthorityKeyIdentifier(candidate.keyIdentifier), authorityKey),
  );
  check(issuer !== undefined, "the certificate of the signer's issuer is missing");
  return { signer, issuer };
}

function demandAttributes({ attributes }: SignerInfo, expected: SignedAttributes): void {
  const names = ['contentType', 'messageDigest', 'signingCertificateV2'] as const;
  for (const name of names) {
    const oidHex = Buffer.from(CMS_OID[name]).toString('hex');
    const value = attributes.get(oidHex)?.encoded;
    check(value !== undefined, `the signed attribute ${name} is missing`);
    check(equalBytes(value, expected[name]), `the signed attribute ${name} has another value`);
  }
  check(attributes.size === names.length, 'there are other signed attributes');
}

function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new ProtocolError('timestamp-invalid', what);
}

function reading<Read>(read: () => Read): Read {
  return refusingDer('timestamp-invalid', read);
}
