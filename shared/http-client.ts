/** The Trusted Service, as a caller sees it: typed calls over HTTPS, with TLS 1.3 that trusts the pinned root and nothing else. */

import type { z } from 'zod';
import { readRootFile } from '#platform/root-file.ts';
import { ProtocolError } from './errors.ts';
import { HttpConnection, parseAnswer, successful } from './http-connection.ts';
import { type Certificate, verifyRoot } from './pki/verify-certificate.ts';
import {
  ClockAnswer,
  DiscloseAnswer,
  type DiscloseRequest,
  InvitesAnswer,
  type InvitesRequest,
  IssueAnswer,
  type IssueRequest,
  KeyArchive,
  KeySet,
  PATHS,
  RevokeAnswer,
  type RevokeRequest,
  SignCsrAnswer,
  type SignCsrRequest,
  TimestampAnswer,
} from './wire/http-endpoints.ts';
import { type RotateRequest, RotationState } from './wire/key-rotation.ts';
import { MAX_CERTIFICATE_PEM_CHARACTERS, MAX_REVOCATION_LIST_BYTES } from './wire/limits.ts';
import { Cosignature, WitnessedAnswer, type WitnessRequest } from './wire/log.ts';
import type { TimestampToken } from './wire/timestamp-token.ts';
import type { Digest, HouseId } from './wire/vocabulary.ts';

export interface TrustedServiceOptions {
  /** `https://host:port`, or `http://` where the operator turned TLS off behind a proxy. */
  readonly baseUrl: string;
  /** Verified, see `loadRoot`. */
  readonly root: Certificate;
  /** Sent with the calls that an operator may make, and with no other. */
  readonly operatorToken?: string | undefined;
  /** For connecting and for the whole call. */
  readonly timeoutMs?: number | undefined;
}

const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * One Trusted Service. Every call throws `ProtocolError`: the code that the service answered,
 * 'trusted-service-unreachable' where no (proper) answer came, 'peer-untrusted' where the server is not who it should be.
 */
export class TrustedServiceClient {
  readonly #connection: HttpConnection;
  readonly #asOperator: Record<string, string>;

  constructor({ baseUrl, root, operatorToken, timeoutMs = DEFAULT_TIMEOUT_MS }: TrustedServiceOptions) {
    this.#connection = new HttpConnection({
      baseUrl,
      timeoutMs,
      maxReplyBytes: MAX_REVOCATION_LIST_BYTES,
      trust: { root, profile: 'trusted-service-tls' },
    });
    this.#asOperator = operatorToken === undefined ? {} : { authorization: `Bearer ${operatorToken}` };
  }

  /** Enrols or renews a participant; with the operator's token certifies a DMS node. */
  signCsr(request: SignCsrRequest): Promise<SignCsrAnswer> {
    return this.#post(PATHS.signCsr, request, SignCsrAnswer, this.#asOperator);
  }

  /** Codes with which others can enrol, by the operator's token. */
  makeInvites(request: InvitesRequest): Promise<InvitesAnswer> {
    return this.#post(PATHS.invites, request, InvitesAnswer, this.#asOperator);
  }

  /** An access token for the holder of the certificate. */
  issue(request: IssueRequest): Promise<IssueAnswer> {
    return this.#post(PATHS.issue, request, IssueAnswer);
  }

  /** Revokes a certificate and its key, by that key's proof or the operator's token. */
  revoke(request: RevokeRequest): Promise<RevokeAnswer> {
    return this.#post(PATHS.revoke, request, RevokeAnswer, this.#asOperator);
  }

  /** A timestamp token over a digest. Nothing in it is verified here. */
  timestamp(imprint: Digest): Promise<TimestampToken> {
    return this.#post(PATHS.timestamp, { imprint }, TimestampAnswer);
  }

  /** The signed present time, over a nonce of 16 to 64 base64url characters. Nothing in it is verified here. */
  time(nonce: string): Promise<TimestampToken> {
    return this.#get(`${PATHS.timestamp}?nonce=${encodeURIComponent(nonce)}`, TimestampAnswer);
  }

  /** The published keys, for `verifyKeySet`. */
  keySet(): Promise<KeySet> {
    return this.#get(PATHS.jwks, KeySet);
  }

  /** The revocation list of an issuing CA, or of the one in use; 'unchanged' if it still has this entity tag. */
  async revocationList(
    etag?: string,
    issuer?: Certificate,
  ): Promise<{ der: Uint8Array; etag: string | undefined } | 'unchanged'> {
    const headers: Record<string, string> = etag === undefined ? {} : { 'if-none-match': etag };
    const path = issuer === undefined ? PATHS.crl : `${PATHS.crl}?issuer=${issuer.sha256}`;
    const reply = await this.#connection.send('GET', path, { headers });
    if (reply.status === 304) return 'unchanged';
    return { der: successful(reply).body, etag: reply.etag };
  }

  /** The certificates of former signers, for `findFormerKey`. */
  keyArchive(): Promise<KeyArchive> {
    return this.#get(PATHS.keyArchive, KeyArchive);
  }

  /** Has a key of the authority rotated, by the operator's token. */
  rotate(request: RotateRequest): Promise<RotationState> {
    return this.#post(PATHS.rotate, request, RotationState, this.#asOperator);
  }

  /** How the authority's keys stand, by the operator's token. */
  rotation(): Promise<RotationState> {
    return this.#get(PATHS.rotate, RotationState, this.#asOperator);
  }

  /** Asks for the sealed identities of a sale's two parties; DMS nodes alone. */
  disclose(request: DiscloseRequest): Promise<DiscloseAnswer> {
    return this.#post(PATHS.disclose, request, DiscloseAnswer);
  }

  /** Shows the witness a checkpoint; DMS nodes alone. Nothing in the answer is verified here. */
  cosign(request: WitnessRequest): Promise<Cosignature> {
    return this.#post(PATHS.witness, request, Cosignature);
  }

  /** How much of a house's journal the witness has seen. */
  witnessed(house: HouseId): Promise<WitnessedAnswer> {
    return this.#get(`${PATHS.witness}?house=${house}`, WitnessedAnswer);
  }

  /** Sets the simulated clock; milliseconds since the Unix epoch. */
  setTime(time: number): Promise<ClockAnswer> {
    return this.#post(PATHS.setTime, { time }, ClockAnswer, this.#asOperator);
  }

  /** Sets the simulated clock back to the machine's. */
  resetTime(): Promise<ClockAnswer> {
    return this.#post(PATHS.resetTime, {}, ClockAnswer, this.#asOperator);
  }

  /** Says that `time`, read off another clock, is the present one: the service goes on after its clock was set. */
  confirmTime(time: number): Promise<ClockAnswer> {
    return this.#post(PATHS.confirmTime, { time }, ClockAnswer, this.#asOperator);
  }

  /** What the clock shows, unsigned. */
  clock(): Promise<ClockAnswer> {
    return this.#get(PATHS.clock, ClockAnswer, this.#asOperator);
  }

  /** Finishes what is under way and closes the connections. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  async #get<Answer>(path: string, schema: z.ZodType<Answer>, headers: Record<string, string> = {}): Promise<Answer> {
    return parseAnswer(await this.#connection.send('GET', path, { headers }), schema);
  }

  async #post<Answer>(
    path: string,
    request: object,
    schema: z.ZodType<Answer>,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const body = JSON.stringify(request);
    const sent = { headers: { ...headers, 'content-type': 'application/json' }, body };
    return parseAnswer(await this.#connection.send('POST', path, sent), schema);
  }
}

/**
 * The root certificate from a file, or by its fingerprint: `sha256:` and 64 hexadecimal digits.
 * @throws ProtocolError 'peer-untrusted' | 'trusted-service-unreachable' | 'certificate-malformed' | 'certificate-untrusted'
 */
export async function loadRoot(source: string, baseUrl: string): Promise<Certificate> {
  if (source.startsWith('sha256:')) return fetchRoot(baseUrl, source);
  try {
    return verifyRoot(await readRootFile(source));
  } catch (cause) {
    if (cause instanceof ProtocolError) throw cause;
    // The file system's own message names the path and what is wrong with it.
    throw new ProtocolError('peer-untrusted', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/**
 * Fetches the root certificate and compares its fingerprint (`sha256:` may stand before it; colons and capitals do not
 * count). For this one call the server may be anybody: what it sends is the pinned root or is refused.
 * @throws ProtocolError 'peer-untrusted' | 'trusted-service-unreachable'
 */
export async function fetchRoot(baseUrl: string, fingerprint: string): Promise<Certificate> {
  const expected = fingerprint
    .replace(/^sha256:/, '')
    .replaceAll(':', '')
    .toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(expected)) {
    throw new ProtocolError('peer-untrusted', 'a fingerprint is sha256: and 64 hexadecimal digits');
  }
  const connection = new HttpConnection({
    baseUrl,
    timeoutMs: DEFAULT_TIMEOUT_MS,
    maxReplyBytes: MAX_CERTIFICATE_PEM_CHARACTERS,
    trust: 'anybody',
  });
  try {
    const reply = successful(await connection.send('GET', PATHS.root, {}));
    return verifyFetchedRoot(new TextDecoder().decode(reply.body), expected);
  } finally {
    await connection.close();
  }
}

function verifyFetchedRoot(pem: string, expected: string): Certificate {
  let root: Certificate;
  try {
    root = verifyRoot(pem);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new ProtocolError('peer-untrusted', 'the server sent no root certificate', { cause });
  }
  if (root.sha256 === expected) return root;
  throw new ProtocolError('peer-untrusted', `the server's root has the fingerprint sha256:${root.sha256}`);
}
