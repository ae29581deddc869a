/** The Trusted Service's keys, verified under the root, and what they signed: timestamp tokens and the signed time. */
import { ProtocolError } from '../../shared/errors.ts';
import { invariant } from '../../shared/invariant.ts';
import { type AuthorityKeys, authorityName, verifyKeySet } from '../../shared/pki/trust-anchors.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { readStamp, type Stamp } from '../../shared/timestamp/timestamp-token.ts';
import { type ClimbedToken, TimestampVerifier } from '../../shared/timestamp/verify-timestamp.ts';
import type { KeySet } from '../../shared/wire/http-endpoints.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { ClockKind, Digest } from '../../shared/wire/vocabulary.ts';

export interface KeyringParts {
  readonly root: Certificate;
  readonly service: { keySet(): Promise<KeySet> };
  readonly clock: Clock;
  /** Tokens of the other kind of clock are refused. */
  readonly clockKind: ClockKind;
}

/** Unknown keys make us ask at most this often: anybody can name a key that does not exist. */
const UNKNOWN_KEY_PAUSE_MS = 2_000;

/** Empty until the first `refresh` or `verifyTime`. */
export class Keyring {
  readonly root: Certificate;
  /** The name of the authority: what it signs says so, and what is signed for it. */
  readonly authority: string;
  readonly #parts: KeyringParts;
  readonly #verifier: TimestampVerifier;
  #keys: AuthorityKeys | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<void> | undefined;

  constructor(parts: KeyringParts) {
    this.#parts = parts;
    this.root = parts.root;
    this.authority = authorityName(parts.root);
    this.#verifier = new TimestampVerifier(() => this.keys.timestamp, this.authority, parts.clockKind);
  }

  /** Throws 'trusted-service-unreachable' before the first key set was there. */
  get keys(): AuthorityKeys {
    if (this.#keys === undefined) throw new ProtocolError('trusted-service-unreachable', 'its keys are not known yet');
    return this.#keys;
  }

  /** Fetches the keys, and keeps those that are valid at the trusted time `at`. A key that was withdrawn is gone then. */
  refresh(at: number): Promise<void> {
    this.#refreshing ??= this.#fetch(at).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** The keys; fetched anew first, if the signer of `jws` is not among them and we have not asked just now. */
  async keysFor(jws: string, at: number): Promise<AuthorityKeys> {
    const kid = kidOf(jws);
    if (kid === undefined || this.#keys?.token.has(kid) || this.#keys?.timestamp.has(kid)) return this.keys;
    await this.lookAgain(at);
    return this.keys;
  }

  /** Fetches the keys because something was not known, unless we have asked just now; waits where that is under way. */
  async lookAgain(at: number): Promise<void> {
    const isOld = this.#parts.clock.monotonic() - this.#askedAt >= UNKNOWN_KEY_PAUSE_MS;
    if (isOld || this.#refreshing !== undefined) await this.refresh(at);
  }

  /**
   * What a participant's token says about `imprint`, by a signer that is valid at the trusted time `at`. `climbed` is what
   * `climbToRoot` has found for the two, where another thread has done that already.
   * @throws ProtocolError 'timestamp-invalid' | 'timestamp-not-for-statement' | 'timestamp-wrong-clock'
   */
  async verifyTimestamp(token: TimestampToken, imprint: Digest, at: number, climbed?: ClimbedToken): Promise<Stamp> {
    await this.keysFor(token.batch, at);
    return this.#verifier.verify(token, imprint, climbed);
  }

  /**
   * The same for a token that the service sent us as the present time. There may be no trusted time yet, or it is the one
   * from before a jump: so an unknown signer is judged at the time that the token itself states. It is believed only
   * if a certificate under the pinned root, valid at that time, says that its key signs timestamps.
   */
  async verifyTime(token: TimestampToken, imprint: Digest): Promise<Stamp> {
    const kid = kidOf(token.batch);
    if (kid === undefined || this.#keys?.timestamp.has(kid) !== true) await this.refresh(readStamp(token).at);
    return this.#verifier.verify(token, imprint);
  }

  async #fetch(at: number): Promise<void> {
    this.#askedAt = this.#parts.clock.monotonic();
    this.#keys = verifyKeySet(await this.#parts.service.keySet(), this.root, at);
  }
}

/** Who is said to have signed, for finding the key; nothing is believed by it. `undefined` for what is no JWS. */
function kidOf(jws: string): string | undefined {
  const [header] = jws.split('.', 1);
  invariant(header !== undefined, 'a split text has a first part');
  try {
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid?: unknown };
    return typeof kid === 'string' ? kid : undefined;
  } catch {
    // No JSON, or `null`: the verifier will refuse it with its own reason.
    return undefined;
  }
}
