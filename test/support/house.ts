/** A whole authority in memory, in the test's hands: certificates, tokens, stamps, revocation lists, and the service that hands them out. */
import { randomBytes, randomUUID } from 'node:crypto';
import { encodeBase64url } from '../../shared/bytes.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { createJwsSigner, signJws } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { authorityName } from '../../shared/pki/trust-anchors.ts';
import { buildRevocationList } from '../../shared/pki/x509-builder.ts';
import type { DiscloseAnswer, DiscloseRequest, KeySet } from '../../shared/wire/http-endpoints.ts';
import type { TimestampBatchClaims, TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { ClockKind, CompactJws, Digest, Instant, Serial } from '../../shared/wire/vocabulary.ts';
import { ManualClock } from './manual-clock.ts';
import { createParticipant, type Participant } from './participant.ts';
import { stampBatch } from './stamp.ts';
import { createTestAuthority, type Issued, type TestAuthority } from './test-authority.ts';

const HOUR_MS = 3_600_000;

/** The Trusted Service without its network: what it signs is real. Its clock goes on with the machine's. */
export class TestService {
  readonly authority: TestAuthority;
  readonly name: string;
  readonly clock: ManualClock;
  readonly signers: { token: Issued; timestamp: Issued };
  kind: ClockKind = 'real';
  epoch = 3;
  serial = 1_000;
  /** What its clock is ahead of the machine's. */
  offset = 0;
  /** Serial numbers of revoked certificates. */
  revoked: string[] = [];
  listNumber = 1;
  /** How long lists last. */
  listLifeMs = HOUR_MS;
  /** While this is set, every call is refused with it. */
  trouble: ProtocolError | undefined;
  /** How long an answer takes on its way here, and before that the question on its way there. */
  travelMs = { there: 0, back: 0 };
  /** What was asked to be disclosed. */
  readonly disclosed: DiscloseRequest[] = [];
  calls = { keySet: 0, revocationList: 0, time: 0 };

  constructor(authority: TestAuthority, signers: { token: Issued; timestamp: Issued }, clock: ManualClock) {
    this.authority = authority;
    this.signers = signers;
    this.clock = clock;
    this.name = authorityName(authority.root.certificate);
  }

  now(): number {
    return this.clock.now() + this.offset;
  }

  /** Sets the clock, as the operator does: a new epoch begins. */
  setTime(at: number): void {
    this.offset = at - this.clock.now();
    this.epoch += 1;
  }

  async keySet(): Promise<KeySet> {
    this.calls.keySet += 1;
    this.#demandUp();
    const { token, timestamp } = this.signers;
    return { keys: [token, timestamp].map(({ certificate }) => this.#published(certificate)) };
  }

  async revocationList(etag?: string): Promise<{ der: Uint8Array; etag: string } | 'unchanged'> {
    this.calls.revocationList += 1;
    this.#demandUp();
    const tag = `"${this.listNumber}"`;
    if (etag === tag) return 'unchanged';
    const { certificate, keys } = this.authority.issuer;
    const now = this.now();
    const revoked = this.revoked.map((serialHex) => ({ serialHex, revokedAt: now, reason: 'keyCompromise' as const }));
    const span = { thisUpdate: now, nextUpdate: now + this.listLifeMs };
    const issuer = { key: keys.privateKey, certificate };
    return { der: await buildRevocationList({ issuer, number: this.listNumber, ...span, revoked }), etag: tag };
  }

  revoke(serialHex: string): void {
    this.revoked.push(serialHex);
    this.listNumber += 1;
  }

  async time(nonce: string): Promise<TimestampToken> {
    this.calls.time += 1;
    this.#demandUp();
    this.clock.advance(this.travelMs.there);
    const token = await this.stamp(digestOfText(nonce));
    this.clock.advance(this.travelMs.back);
    return token;
  }

  /** Two envelopes, which say in clear what they are. The evidence is not looked at. */
  async disclose(request: DiscloseRequest): Promise<DiscloseAnswer> {
    this.#demandUp();
    this.disclosed.push(request);
    return { seller: `for-seller-of-${request.evidence.lot}`, winner: `for-winner-of-${request.evidence.lot}` };
  }

  /** A token over an imprint, at the service's time or as the claims say. */
  async stamp(imprint: Digest, claims: Partial<TimestampBatchClaims> = {}): Promise<TimestampToken> {
    this.serial += 1;
    const [token] = await stampBatch(createJwsSigner(this.signers.timestamp.keys), [imprint], {
      iss: this.name,
      clock: this.kind,
      epoch: this.epoch,
      time: this.now() as Instant,
      serial: this.serial as Serial,
      ...claims,
    });
    return token!;
  }

  /** An access token for a certificate; `changes` replaces claims. */
  accessToken(
    { subject, x5tS256 }: { subject: string; x5tS256: string },
    changes: Record<string, unknown> = {},
    signer: Issued = this.signers.token,
  ): Promise<CompactJws> {
    const iat = Math.floor(this.now() / 1_000);
    const claims = { iss: this.name, sub: subject, aud: 'dms', iat, exp: iat + 900, jti: randomUUID() };
    const bound = { cnf: { 'x5t#S256': x5tS256 } };
    return signJws(createJwsSigner(signer.keys), 'at+jwt', { ...claims, ...bound, ...changes });
  }

  participant(changes: Parameters<TestAuthority['issue']>[1] = {}): Promise<Participant> {
    return createParticipant(this, changes);
  }

  #published(certificate: Issued['certificate']): KeySet['keys'][number] {
    const { x = '', y = '' } = certificate.publicKey.export({ format: 'jwk' });
    const x5c = [certificate, this.authority.issuer.certificate].map(({ der }) => Buffer.from(der).toString('base64'));
    const kinds = { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' } as const;
    return { ...kinds, x, y, kid: certificate.subject, x5c };
  }

  #demandUp(): void {
    if (this.trouble !== undefined) throw this.trouble;
  }
}

/** A service that is up, with fresh keys. */
export async function createTestService(clock: ManualClock = new ManualClock()): Promise<TestService> {
  const authority = await createTestAuthority(clock.now());
  const signers = {
    token: await authority.issue('token-signer'),
    timestamp: await authority.issue('timestamp-signer'),
  };
  return new TestService(authority, signers, clock);
}

/** What is thrown when nobody answers. */
export function unreachable(): ProtocolError {
  return new ProtocolError('trusted-service-unreachable', 'in this test');
}

/** 32 random bytes in base64url. */
export function randomText32(): string {
  return encodeBase64url(randomBytes(32));
}
