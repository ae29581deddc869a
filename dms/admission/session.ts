/**
 * One connection of one participant: the handshake, the sealing key that lives and dies with it, and the reasons to end.
 * The key is in this object's memory and nowhere else. Once it is dropped, a recording of the traffic opens no more.
 */
import { encodeBase64url } from '../../shared/bytes.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { generateSealingKey, type SealingKeyPair } from '../../shared/crypto/ecies.ts';
import { type JwsSigner, signJws, verifyJws } from '../../shared/crypto/jws.ts';
import { ProtocolError, type RefusalCode } from '../../shared/errors.ts';
import { invariant } from '../../shared/invariant.ts';
import type { Revocations } from '../../shared/pki/verify-certificate.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { HANDSHAKE_LIMIT_MS, SESSION_LIFE_MS } from '../../shared/wire/limits.ts';
import { type Hello, type Prove, type SessionOffer, SessionProof } from '../../shared/wire/socket-events.ts';
import type { CertificatePem, CompactJws, HouseId, Instant, SessionId, Subject } from '../../shared/wire/vocabulary.ts';
import type { SessionKeys } from '../intake/open-statement.ts';
import { lapseOf, type Peer } from './authenticate-peer.ts';

export interface SessionParts {
  readonly house: HouseId;
  readonly node: { readonly signer: JwsSigner; readonly chain: readonly CertificatePem[] };
  readonly clock: Clock;
  readonly time: { now(): Instant };
  readonly newId: () => SessionId;
  /** 32 random bytes in base64url, fresh at each call. */
  readonly newNonce: () => string;
  /** Called once, when the session ends by our doing. The code goes to the participant. */
  readonly onEnd: (code: RefusalCode, detail?: string) => void;
  /** Called when the keys are dropped here, for whoever else has them. */
  readonly onForget: (session: Session) => void;
}

/** The steps of the handshake, in their order. A step begins before its first `await`, so none can be taken twice. */
type Step = 'connected' | 'greeting' | 'greeted' | 'proving' | 'admitted' | 'ended';

interface Challenge {
  readonly serverNonce: string;
  readonly offer: CompactJws;
}

export class Session {
  readonly id: SessionId;
  readonly #parts: SessionParts;
  readonly #beganAt: number;
  #peer: Peer;
  #step: Step = 'connected';
  #sealing: SealingKeyPair | undefined;
  #challenge: Challenge | undefined;
  /** What it ended with: whoever asks something of it afterwards hears the same. */
  #lastWords = new ProtocolError('session-expired');
  /** The lists in which our certificate was looked for and not found. They do not change; newer ones are another object. */
  #clearedBy: Revocations | undefined;

  constructor(peer: Peer, parts: SessionParts) {
    this.id = parts.newId();
    this.#parts = parts;
    this.#peer = peer;
    this.#beganAt = parts.clock.monotonic();
  }

  get peer(): Peer {
    return this.#peer;
  }

  get subject(): Subject {
    return this.#peer.subject;
  }

  get isAdmitted(): boolean {
    return this.#step === 'admitted';
  }

  /** What opens and verifies this session's commands. Throws as `demandAdmitted` does. */
  get keys(): SessionKeys {
    this.demandAdmitted();
    invariant(this.#sealing !== undefined, 'who is admitted has said hello, and only the end drops the key');
    return { sealing: this.#sealing, subject: this.subject, publicKey: this.#peer.certificate.publicKey };
  }

  /** Throws 'not-admitted' before the handshake is done; after the end its reason, 'session-expired' if it was not ours. */
  demandAdmitted(): void {
    this.#demandOpen();
    if (this.#step !== 'admitted') throw new ProtocolError('not-admitted');
  }

  /** Makes the sealing key and the offer, signed by the house. Once; a second call ends the session. */
  async hello({ nonce }: Hello): Promise<{ chain: CertificatePem[]; offer: CompactJws }> {
    this.#advance('connected', 'greeting');
    const { house, node, newNonce } = this.#parts;
    this.#sealing = generateSealingKey();
    const serverNonce = newNonce();
    const offer = await signJws(node.signer, 'session-offer+jwt', {
      house,
      session: this.id,
      clientNonce: nonce,
      serverNonce,
      sealingKey: encodeBase64url(this.#sealing.publicKey),
      sub: this.subject,
      exp: this.expiresAt(),
    } satisfies SessionOffer);
    this.#advance('greeting', 'greeted');
    this.#challenge = { serverNonce, offer };
    return { chain: [...node.chain], offer };
  }

  /** Admits the holder of the certificate's key, shown for exactly this offer. Once; a failure ends the session. */
  async prove({ proof }: Prove): Promise<void> {
    this.#advance('greeted', 'proving');
    try {
      await this.#verifyProof(proof);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.end('session-proof-invalid');
      throw new ProtocolError('session-proof-invalid', error.detail, { cause: error });
    }
    this.#advance('proving', 'admitted');
    this.#challenge = undefined;
  }

  /** Goes on with fresh papers of the same participant, which `authenticateRenewal` has verified. Returns the new end. */
  renew(peer: Peer): Instant {
    this.demandAdmitted();
    this.#peer = peer;
    this.#clearedBy = undefined;
    return this.expiresAt();
  }

  /** When the session ends, as far as it is known now: its papers' end, or the end of its own life. Trusted time. */
  expiresAt(): Instant {
    const { clock, time } = this.#parts;
    const left = this.#beganAt + SESSION_LIFE_MS - clock.monotonic();
    const { tokenExpiresAt, certificate, issuer } = this.#peer;
    return Math.min(tokenExpiresAt, certificate.notAfter, issuer.notAfter, time.now() + Math.floor(left)) as Instant;
  }

  /** Why the session has to end at this trusted time, if there is one just now; `undefined` if it may go on. */
  dueEnd(at: Instant | undefined, revocations: Revocations | undefined): RefusalCode | undefined {
    const age = this.#parts.clock.monotonic() - this.#beganAt;
    if (!this.isAdmitted && age >= HANDSHAKE_LIMIT_MS) return 'handshake-timeout';
    if (age >= SESSION_LIFE_MS) return 'session-expired';
    if (at === undefined) return undefined;
    const code = lapseOf(this.#peer, at, this.#clearedBy === revocations ? undefined : revocations);
    if (code === undefined) this.#clearedBy = revocations;
    return code;
  }

  /** Ends the session if it is due, and throws the reason. */
  demandLive(at: Instant | undefined, revocations: Revocations | undefined): void {
    this.demandAdmitted();
    const code = this.dueEnd(at, revocations);
    if (code === undefined) return;
    this.end(code);
    throw new ProtocolError(code);
  }

  /** Ends the session and tells why. */
  end(code: RefusalCode, detail?: string): void {
    if (this.#step === 'ended') return;
    this.#lastWords = new ProtocolError(code, detail);
    this.forget();
    this.#parts.onEnd(code, detail);
  }

  /** Drops the sealing key: the connection is gone. Nothing that was sealed to it can be opened after this. */
  forget(): void {
    this.#step = 'ended';
    this.#sealing = undefined;
    this.#challenge = undefined;
    this.#parts.onForget(this);
  }

  async #verifyProof(proof: CompactJws): Promise<void> {
    const challenge = this.#challenge;
    invariant(challenge !== undefined, 'who was greeted has a challenge');
    // The certificate's own key signed it, as a session proof.
    const { publicKey } = this.#peer.certificate;
    const claims = await verifyJws(proof, { typ: 'session-proof+jwt', key: publicKey, schema: SessionProof });
    // It was made for this session, and after we had drawn our nonce.
    if (claims.session !== this.id) throw new ProtocolError('session-proof-invalid', 'session');
    if (claims.serverNonce !== challenge.serverNonce) throw new ProtocolError('session-proof-invalid', 'serverNonce');
    // Its signer has seen this very offer, with its sealing key.
    if (claims.offer !== digestOfText(challenge.offer)) throw new ProtocolError('session-proof-invalid', 'offer');
  }

  #demandOpen(): void {
    // Anew, since an error tells where it was thrown.
    if (this.#step === 'ended') throw new ProtocolError(this.#lastWords.code, this.#lastWords.detail);
  }

  #advance(from: Step, to: Step): void {
    this.#demandOpen();
    if (this.#step !== from) {
      this.end('handshake-out-of-order');
      throw new ProtocolError('handshake-out-of-order');
    }
    this.#step = to;
  }
}
