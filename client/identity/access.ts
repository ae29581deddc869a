/** What opens a session: the certificate and the access token bound to it, both renewed before they end. */

import type { AgreementKey } from '../../shared/crypto/ecies-box.ts';
import { signJws } from '../../shared/crypto/jws.ts';
import { type Certificate, parseCertificate } from '../../shared/pki/verify-certificate.ts';
import type { IssueProof } from '../../shared/wire/http-endpoints.ts';
import type { ConnectionAuth } from '../../shared/wire/socket-events.ts';
import type { CompactJws, Instant } from '../../shared/wire/vocabulary.ts';
import { type Remedy, remedyFor } from '../connection/recovery.ts';
import type { TrustedServiceApi } from '../connection/trusted-service-api.ts';
import { createIdentitySigner, type IdentitySigner } from '../sealing/p256-signer.ts';
import { enrolledIn, renew } from './enrol.ts';
import type { KeyStore } from './key-store.ts';

/** A certificate is renewed when this part of its life is left, a token likewise: time for several attempts. */
const PART_LEFT = 1 / 4;
/** Each attempt mends one thing; three things can be wrong. */
const MAX_ATTEMPTS = 4;

interface Token {
  readonly text: CompactJws;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
}

/** Holds the identity in use. All times are trusted times. */
export class Access {
  readonly signer: IdentitySigner;
  readonly #api: TrustedServiceApi;
  readonly #store: KeyStore;
  readonly #newId: () => string;
  #certificate: Certificate;
  #token: Token | undefined;
  /** Set by a refusal: the next call of `fresh` gets it anew whatever our clock says. */
  #spoiled = new Set<Remedy>();
  /** One renewal at a time: two would race for the file. */
  #underWay: Promise<ConnectionAuth> | undefined;

  /** The home is enrolled by now. */
  constructor(api: TrustedServiceApi, store: KeyStore, newId: () => string) {
    this.#api = api;
    this.#store = store;
    this.#newId = newId;
    const { credentials, secretKey } = enrolledIn(store);
    this.#certificate = parseCertificate(credentials.certificate);
    this.signer = createIdentitySigner(secretKey);
  }

  get username(): string {
    return enrolledIn(this.#store).username;
  }

  get contact(): string | undefined {
    return enrolledIn(this.#store).contact;
  }

  /** The one in use. */
  get certificate(): Certificate {
    return this.#certificate;
  }

  /** Every agreement key, the newest first. */
  get agreementKeys(): readonly AgreementKey[] {
    return enrolledIn(this.#store).agreementKeys;
  }

  /** Whether `fresh` would ask the Trusted Service for something. */
  get isDue(): boolean {
    return this.#needsCertificate || this.#needsToken;
  }

  /** A server refused with this error: what the refusal is about is got anew before the next use. */
  spoil(error: unknown): void {
    const remedy = remedyFor(error);
    if (remedy !== undefined && remedy !== 'wait') this.#spoiled.add(remedy);
  }

  /**
   * A certificate and a token with some life left, renewed where they had not. Throws what the Trusted Service
   * refuses, and `trusted-service-unreachable`.
   */
  fresh(): Promise<ConnectionAuth> {
    this.#underWay ??= this.#renew().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #renew(): Promise<ConnectionAuth> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#renewOnce();
      } catch (error) {
        const remedy = remedyFor(error);
        if (remedy === undefined || remedy === 'wait' || attempt === MAX_ATTEMPTS) throw error;
        this.#spoiled.add(remedy);
      }
    }
  }

  async #renewOnce(): Promise<ConnectionAuth> {
    // Whatever a server found to be over, our clock may be the reason why we did not.
    if (this.#spoiled.size > 0) await this.#api.syncTime();
    this.#spoiled.delete('time');
    if (this.#needsCertificate) await this.#renewCertificate();
    if (this.#token === undefined || this.#needsToken) this.#token = await this.#issue();
    this.#spoiled.clear();
    const { certificate, issuer } = enrolledIn(this.#store).credentials;
    return { token: this.#token.text, certificate, chain: [issuer] };
  }

  get #needsCertificate(): boolean {
    const { notBefore, notAfter } = this.#certificate;
    return this.#spoiled.has('certificate') || isDue(this.#api.clock.now(), notBefore, notAfter);
  }

  get #needsToken(): boolean {
    const token = this.#token;
    if (token === undefined || this.#spoiled.has('token')) return true;
    return isDue(this.#api.clock.now(), token.issuedAt, token.expiresAt);
  }

  async #renewCertificate(): Promise<void> {
    const { credentials } = await renew(this.#api, this.#store);
    this.#certificate = parseCertificate(credentials.certificate);
    this.#spoiled.delete('certificate');
    // A token is bound to one certificate.
    this.#token = undefined;
  }

  async #issue(): Promise<Token> {
    const issuedAt = this.#api.clock.now();
    const claims: IssueProof = { aud: this.#api.authority, iat: issuedAt, jti: this.#newId() };
    const proof = await signJws(this.signer, 'proof+jwt', claims);
    const { certificate } = enrolledIn(this.#store).credentials;
    const { token, expiresAt } = await this.#api.http.issue({ certificate, proof });
    return { text: token, issuedAt, expiresAt };
  }
}

/** Before its beginning (the clock was set back), or with too little of its life left. */
function isDue(now: Instant, from: Instant, until: Instant): boolean {
  return now < from || until - now < (until - from) * PART_LEFT;
}
