/** The Trusted Service over HTTPS: paths, requests and answers. Paths occur as strings in this file alone. */
import { z } from 'zod';
import { REFUSAL_CODES } from '../errors.ts';
import {
  MAX_CSR_PEM_CHARACTERS,
  MAX_INVITE_CHARACTERS,
  MAX_INVITE_LIFE_MS,
  MAX_INVITES,
  MAX_PUBLISHED_KEYS,
} from './limits.ts';
import { TimestampToken } from './timestamp-token.ts';
import { CertificatePem, ClockKind, CompactJws, Digest, HouseId, Instant, LotId, Subject } from './vocabulary.ts';

export const PATHS = {
  /** What this is. */
  about: '/',
  signCsr: '/api/sign-csr',
  invites: '/api/invites',
  rotate: '/api/rotate',
  issue: '/api/issue',
  revoke: '/api/revoke',
  timestamp: '/api/timestamp',
  setTime: '/api/settime',
  resetTime: '/api/resettime',
  /** The field's old spelling of `resetTime`; the same route. */
  resetTimeAlias: '/api/resettme',
  confirmTime: '/api/confirmtime',
  clock: '/api/clock',
  disclose: '/api/disclose',
  witness: '/api/witness',
  jwks: '/.well-known/jwks.json',
  /** The same key set under its other name. */
  jwksAlias: '/.well-known/ca-public',
  /** Every certificate that a signer ever had: for what was signed long ago. */
  keyArchive: '/.well-known/key-archive.json',
  root: '/.well-known/root.pem',
  crl: '/crl',
  health: '/healthz',
  ready: '/readyz',
  metrics: '/metrics',
  openApi: '/openapi.json',
  docs: '/docs',
} as const;

const csr = z.string().max(MAX_CSR_PEM_CHARACTERS);

/** A participant enrols or renews. The registry says which names are allowed. */
export const SignParticipantCsr = z.strictObject({
  csr,
  username: z.string().max(128),
  /** How the counterparty of a sale reaches this person: shown to nobody else. */
  contact: z.string().max(200).optional(),
  /** The operator's code, where enrolment takes one; renewals never do. */
  invite: z.string().max(MAX_INVITE_CHARACTERS).optional(),
});
/** The operator certifies a DMS node for its host names and its house. */
export const SignNodeCsr = z.strictObject({
  csr,
  hosts: z.array(z.string().min(1).max(253)).min(1).max(16),
  house: HouseId,
});
export const SignCsrRequest = z.union([SignParticipantCsr, SignNodeCsr]);
export type SignCsrRequest = z.infer<typeof SignCsrRequest>;

export const SignCsrAnswer = z.strictObject({
  certificate: CertificatePem,
  /** The issuing CA. */
  chain: z.array(CertificatePem).length(1),
  /** The key's RFC 7638 thumbprint. */
  subject: Subject,
});
export type SignCsrAnswer = z.infer<typeof SignCsrAnswer>;

/** The operator asks for codes with which others can enrol, once each. `note`: one printable line, for the operator alone. */
export const InvitesRequest = z.strictObject({
  count: z.int().min(1).max(MAX_INVITES).optional(),
  expiresInMs: z.int().min(60_000).max(MAX_INVITE_LIFE_MS).optional(),
  note: z
    .string()
    .max(200)
    .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u)
    .optional(),
});
export type InvitesRequest = z.infer<typeof InvitesRequest>;
/** The codes are said this once. */
export const InvitesAnswer = z.strictObject({
  codes: z.array(z.string().regex(/^[0-9A-Z]{5}(-[0-9A-Z]{5}){4}$/)).max(MAX_INVITES),
  expiresAt: Instant,
});
export type InvitesAnswer = z.infer<typeof InvitesAnswer>;

/** The claims of a `typ: proof+jwt`: the signer holds the key now, and means this authority. */
export const IssueProof = z.strictObject({ aud: z.string(), iat: Instant, jti: z.uuidv4() });
export type IssueProof = z.infer<typeof IssueProof>;

export const IssueRequest = z.strictObject({ certificate: CertificatePem, proof: CompactJws });
export type IssueRequest = z.infer<typeof IssueRequest>;
export const IssueAnswer = z.strictObject({ token: CompactJws, expiresAt: Instant });
export type IssueAnswer = z.infer<typeof IssueAnswer>;

/** RFC 5280, section 5.3.1, the reasons that a leaf can have. */
export const RevocationReason = z.enum([
  'unspecified',
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
]);
export type RevocationReason = z.infer<typeof RevocationReason>;

/** The claims of a `typ: revocation-proof+jwt`, signed by the key that is to be revoked. */
export const RevocationProof = z.strictObject({ aud: z.string(), iat: Instant, jti: z.uuidv4(), serial: z.string() });
export type RevocationProof = z.infer<typeof RevocationProof>;

/** `serial` is the certificate's serial number in lower-case hexadecimal. The operator's token stands in for the proof. */
export const RevokeRequest = z.strictObject({
  serial: z.string().regex(/^[0-9a-f]{2,40}$/),
  reason: RevocationReason,
  proof: CompactJws.optional(),
});
export type RevokeRequest = z.infer<typeof RevokeRequest>;
export const RevokeAnswer = z.strictObject({ revokedAt: Instant });
export type RevokeAnswer = z.infer<typeof RevokeAnswer>;

export const TimestampRequest = z.strictObject({ imprint: Digest });
export type TimestampRequest = z.infer<typeof TimestampRequest>;
export const TimestampAnswer = TimestampToken;
/** `?nonce=` of the signed present time; the token is over SHA-256 of its ASCII bytes. */
export const TimeNonce = z.string().regex(/^[A-Za-z0-9_-]{16,64}$/);

export const SetTimeRequest = z.strictObject({ time: Instant });
export type SetTimeRequest = z.infer<typeof SetTimeRequest>;
export const ClockAnswer = z.strictObject({
  clock: ClockKind,
  epoch: z.int().min(0),
  time: Instant,
  /** How far the simulated clock is from the machine's, in milliseconds. */
  offsetMs: z.int(),
});
export type ClockAnswer = z.infer<typeof ClockAnswer>;

/** A key of the key set (RFC 7517): `x5c` holds the signer's certificate, then its issuing CA's, in base64 DER. */
export const PublishedKey = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  kid: z.string(),
  alg: z.literal('ES256'),
  use: z.literal('sig'),
  x5c: z.array(z.string()).length(2),
});
export const KeySet = z.object({
  keys: z.array(PublishedKey).min(1).max(MAX_PUBLISHED_KEYS),
  /** The issuing CAs that are in use or will be, in base64 DER: each has a revocation list. */
  issuers: z.array(z.string()).max(MAX_PUBLISHED_KEYS).optional(),
});
export type KeySet = z.infer<typeof KeySet>;

/** `GET /crl?issuer=`: the SHA-256 of an issuing CA's certificate. */
export const IssuerFingerprint = z.string().regex(/^[0-9a-f]{64}$/);

/** Certificates of signers that sign no more, and of those that do: `x5c` as in the key set. */
export const KeyArchive = z.object({
  certificates: z.array(z.object({ kid: z.string(), x5c: z.array(z.string()).length(2) })),
});
export type KeyArchive = z.infer<typeof KeyArchive>;

/** One signed and stamped command, as evidence. */
export const SignedEvidence = z.strictObject({
  statement: CompactJws,
  timestamp: TimestampToken,
  certificate: CertificatePem,
});
export type SignedEvidence = z.infer<typeof SignedEvidence>;

/** What shows that a lot was sold by this seller to this bidder. */
export const SaleEvidence = z.strictObject({
  house: HouseId,
  lot: LotId,
  /** The effective closing, after any extension. */
  closesAt: Instant,
  listing: SignedEvidence,
  bid: SignedEvidence,
  closing: z.strictObject({ nonce: TimeNonce, timestamp: TimestampToken }),
});
export type SaleEvidence = z.infer<typeof SaleEvidence>;

/** The claims of a `typ: disclosure-request+jwt`, signed by the DMS's identity key; `evidence` is the digest of its RFC 8785 form. */
export const DisclosureClaims = z.strictObject({ iss: HouseId, aud: z.string(), iat: Instant, evidence: Digest });
export type DisclosureClaims = z.infer<typeof DisclosureClaims>;

export const DiscloseRequest = z.strictObject({
  request: CompactJws,
  certificate: CertificatePem,
  chain: z.array(CertificatePem).length(1),
  evidence: SaleEvidence,
});
export type DiscloseRequest = z.infer<typeof DiscloseRequest>;
/** Each envelope is sealed to that party's agreement key and holds the other party's disclosure. */
export const DiscloseAnswer = z.strictObject({ seller: z.string(), winner: z.string() });
export type DiscloseAnswer = z.infer<typeof DiscloseAnswer>;

/** Of `/healthz` and `/readyz`, where all is well. */
export const StateAnswer = z.strictObject({ status: z.string() });

/** Of `/`: what this is, and where to look further. */
export const AboutAnswer = z.strictObject({
  name: z.string(),
  what: z.string(),
  /** The authority: `sha256:` and the root's fingerprint in hexadecimal. */
  authority: z.string(),
  clock: ClockKind,
  links: z.record(z.string(), z.string()),
  /** The address of the house, where its operator had it told. Nothing is trusted because of it. */
  dms: z.url({ protocol: /^https?$/ }).exactOptional(),
});
export type AboutAnswer = z.infer<typeof AboutAnswer>;

/** RFC 9457, with the stable code of this protocol. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(REFUSAL_CODES),
  detail: z.string().optional(),
  /** Of `/readyz`: everything that keeps the service from its work. The first is `code`. */
  reasons: z
    .array(z.object({ code: z.enum(REFUSAL_CODES), title: z.string(), detail: z.string().optional() }))
    .optional(),
});
export type Problem = z.infer<typeof Problem>;
