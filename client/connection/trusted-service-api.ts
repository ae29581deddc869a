/** The Trusted Service as a participant uses it: every answer is verified before anybody else in this program sees it. */
import type { P256PublicKey } from '#platform/p256.ts';
import { encodeBase64url } from '../../shared/bytes.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { randomBytes } from '../../shared/crypto/random.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { TrustedServiceClient } from '../../shared/http-client.ts';
import { invariant } from '../../shared/invariant.ts';
import { findFormerKey } from '../../shared/pki/key-archive.ts';
import { verifyRevocationList } from '../../shared/pki/revocation-list.ts';
import { type AuthorityKeys, authorityName, verifyKeySet } from '../../shared/pki/trust-anchors.ts';
import type { Certificate, Revocations } from '../../shared/pki/verify-certificate.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { readStamp, type Stamp } from '../../shared/timestamp/timestamp-token.ts';
import { TimestampVerifier } from '../../shared/timestamp/verify-timestamp.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { Digest } from '../../shared/wire/vocabulary.ts';
import { EventHub } from '../event-hub.ts';
import { type ClockStep, TrustedClock } from '../trusted-clock.ts';

/** The calls that a participant makes. */
export type TrustedServiceCalls = Pick<
  TrustedServiceClient,
  'time' | 'timestamp' | 'keySet' | 'keyArchive' | 'revocationList' | 'signCsr' | 'issue' | 'close'
>;

/** Talks to one Trusted Service under one root. */
export class TrustedServiceApi {
  readonly http: TrustedServiceCalls;
  readonly root: Certificate;
  /** The name of the authority: what it signs says so, and what is signed for it. */
  readonly authority: string;
  readonly clock: TrustedClock;
  /** `clock`: the trusted time was fetched for the first time, or is another one than this clock showed. */
  readonly events = new EventHub<{ clock: ClockStep }>();
  readonly #verifier: TimestampVerifier;
  #keys: AuthorityKeys | undefined;
  /** The last list of each issuing CA, by its fingerprint. */
  readonly #lists = new Map<string, { readonly der: Uint8Array; readonly etag: string | undefined }>();

  constructor(http: TrustedServiceCalls, root: Certificate, machine: Clock) {
    this.http = http;
    this.root = root;
    this.authority = authorityName(root);
    this.clock = new TrustedClock(machine);
    this.#verifier = new TimestampVerifier(() => this.#keys?.timestamp ?? new Map(), this.authority);
  }

  /**
   * Fetches the signed present time and sets the trusted clock by it. Throws `trusted-service-unreachable`,
   * `peer-untrusted`, `key-set-invalid` and `timestamp-invalid`.
   */
  async syncTime(): Promise<void> {
    const nonce = encodeBase64url(randomBytes(NONCE_BYTES));
    await this.#stampedNow(digestOfText(nonce), () => this.http.time(nonce));
  }

  /** A verified token over an imprint, which sets the clock too. Throws as `syncTime`, and `timestamp-not-for-statement`. */
  stamp(imprint: Digest): Promise<TimestampToken> {
    return this.#stampedNow(imprint, () => this.http.timestamp(imprint));
  }

  /** The authority's keys as they are now, verified under the root; fetched anew where `kid` is not among them. */
  async keysWith(kid: string): Promise<AuthorityKeys> {
    const keys = this.#keys;
    if (keys !== undefined && (keys.token.has(kid) || keys.timestamp.has(kid))) return keys;
    return this.#refreshKeys(this.clock.now());
  }

  /** The key that signed a disclosure, which may be a token signer's of years ago; `undefined` if it never was one. */
  async disclosureKey(kid: string): Promise<P256PublicKey | undefined> {
    const key = (await this.keysWith(kid)).token.get(kid);
    if (key !== undefined) return key;
    return findFormerKey(await this.http.keyArchive(), this.root, { kid, profile: 'token-signer' });
  }

  /**
   * The revocation list of an issuing CA, as it is now. While the service does not answer, the list that we have is
   * good until its own end. Throws `revocation-list-invalid`, `revocation-list-stale`, `trusted-service-unreachable`.
   */
  async revocations(issuer: Certificate): Promise<Revocations> {
    const list = await this.#currentList(issuer);
    return verifyRevocationList(list.der, issuer, this.clock.now());
  }

  /** Frees the connections. */
  close(): Promise<void> {
    return this.http.close();
  }

  async #stampedNow(imprint: Digest, ask: () => Promise<TimestampToken>): Promise<TimestampToken> {
    const asked = this.clock.monotonic();
    const token = await ask();
    const answered = this.clock.monotonic();
    const stamp = await this.#verify(token, imprint);
    // Signed somewhere between the question and the answer: half of the way is the least error.
    const step = this.clock.adopt(stamp, (asked + answered) / 2);
    if (step !== undefined) this.events.emit('clock', step);
    return token;
  }

  /** A signer that is not known yet may be one that came since: the key set is fetched once more before the answer is no. */
  async #verify(token: TimestampToken, imprint: Digest): Promise<Stamp> {
    if (this.#keys === undefined) return this.#verifyWithFreshKeys(token, imprint);
    try {
      return await this.#verifier.verify(token, imprint);
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.code !== 'timestamp-invalid') throw error;
      return this.#verifyWithFreshKeys(token, imprint);
    }
  }

  /**
   * The signers' certificates are judged at the time that the token itself states: before the first token there is no
   * other trusted time, and after a journey in time the one we have is over. A token is believed only if a key that was
   * valid at its time, under the pinned root, signed it.
   */
  async #verifyWithFreshKeys(token: TimestampToken, imprint: Digest): Promise<Stamp> {
    await this.#refreshKeys(readStamp(token).at);
    return this.#verifier.verify(token, imprint);
  }

  async #currentList(issuer: Certificate): Promise<{ readonly der: Uint8Array }> {
    const kept = this.#lists.get(issuer.sha256);
    try {
      const answer = await this.http.revocationList(kept?.etag, issuer);
      if (answer !== 'unchanged') {
        this.#lists.set(issuer.sha256, answer);
        return answer;
      }
    } catch (error) {
      const isAway = error instanceof ProtocolError && error.code === 'trusted-service-unreachable';
      if (!isAway || kept === undefined) throw error;
    }
    invariant(kept !== undefined, 'a list that is unchanged is one that we have');
    return kept;
  }

  async #refreshKeys(at: number): Promise<AuthorityKeys> {
    this.#keys = verifyKeySet(await this.http.keySet(), this.root, at);
    return this.#keys;
  }
}

const NONCE_BYTES = 32;
