/** The revocation lists that are published, one for each issuing CA: always fresh, on the shelf and when somebody asks, and signed as seldom as that allows. */
import { digestOf } from '../../shared/crypto/digest.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { invariant } from '../../shared/invariant.ts';
import type { Certificate } from '../../shared/pki/certificate.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { CertificateRecords } from '../store/certificate-records.ts';
import type { Numbers } from '../store/numbers.ts';
import type { Issuer } from './issuer.ts';

/** A reader that gets no newer list than this old one stops admitting people. */
const LIST_LIFE_MS = 3_600_000;
/** A list older than this is replaced, by upkeep or by who asks first: its readers always have most of its life before them. */
const LIST_MAX_AGE_MS: number = LIST_LIFE_MS / 4;
/** A list may reach a server whose trusted time is a little behind ours. */
const BACKDATING_MS = 60_000;

export interface PublishedList {
  readonly der: Uint8Array;
  /** A strong entity tag (RFC 9110 section 8.8.3). */
  readonly etag: string;
}

interface SignedList extends PublishedList {
  readonly signedAt: number;
}

export class RevocationPublisher {
  readonly #issuer: Issuer;
  readonly #records: CertificateRecords;
  readonly #numbers: Numbers;
  readonly #clock: Clock;
  /** By issuing CA, the latest list, or the one that is being signed. */
  readonly #latest = new Map<string, Promise<SignedList>>();

  constructor(issuer: Issuer, records: CertificateRecords, numbers: Numbers, clock: Clock) {
    this.#issuer = issuer;
    this.#records = records;
    this.#numbers = numbers;
    this.#clock = clock;
  }

  /**
   * The list of now of an issuing CA that is in use: replaced when it is a quarter of its life old, and when the clock was
   * set to before it.
   */
  async current(authority: Certificate = this.#issuer.certificate): Promise<PublishedList> {
    const latest = await this.#latest.get(authority.sha256);
    if (latest !== undefined && this.#isFresh(latest)) return latest;
    return this.#renewOf(authority);
  }

  /** The same, by the issuing CA's fingerprint. Throws 'not-found' for one that is not in use. */
  async currentOf(fingerprint: string): Promise<PublishedList> {
    const authority = this.#issuer.inUse.find(({ sha256 }) => sha256 === fingerprint);
    if (authority === undefined) throw new ProtocolError('not-found', 'no issuing CA in use has this fingerprint');
    return this.current(authority);
  }

  /** Signs those lists anew that are no longer fresh. Throws 'clock-out-of-certificates'. */
  async freshen(): Promise<void> {
    await Promise.all(this.#authorities().map((authority) => this.current(authority)));
  }

  /** Signs lists with everything that is revoked at this moment, which from now on are the current ones. */
  async renew(): Promise<PublishedList> {
    const [list] = await Promise.all(this.#authorities().map((authority) => this.#renewOf(authority)));
    invariant(list !== undefined, 'there is an issuing CA');
    return list;
  }

  /** The issuing CA that issues now, and the others in use that live now. */
  #authorities(): Certificate[] {
    const now = this.#clock.now();
    const { certificate, inUse } = this.#issuer;
    const others = inUse.filter(({ sha256 }) => sha256 !== certificate.sha256);
    return [certificate, ...others.filter((issuer) => this.#issuer.isAliveAt(now, issuer))];
  }

  #renewOf(authority: Certificate): Promise<PublishedList> {
    const signing = this.#sign(authority);
    this.#latest.set(authority.sha256, signing);
    // A list that could not be signed is tried again by the next one who asks; its error is the caller's.
    signing.catch(() => {
      if (this.#latest.get(authority.sha256) === signing) this.#latest.delete(authority.sha256);
    });
    return signing;
  }

  #isFresh({ signedAt }: SignedList): boolean {
    const age = this.#clock.now() - signedAt;
    return age >= 0 && age < LIST_MAX_AGE_MS;
  }

  async #sign(authority: Certificate): Promise<SignedList> {
    const now = this.#clock.now();
    // RFC 5280 section 3.3: an entry stays until one list after the certificate's end has had it.
    const revoked = this.#records.revokedUnder(authority, now - LIST_LIFE_MS);
    const number = this.#numbers.nextRevocationList();
    const span = { thisUpdate: now - BACKDATING_MS, nextUpdate: now + LIST_LIFE_MS };
    const der = await this.#issuer.issueRevocationList({ at: now, number, ...span, revoked }, authority);
    return { der, etag: `"${digestOf(der)}"`, signedAt: now };
  }
}
