/** The revocation list that is published: always fresh, on the shelf and when somebody asks, and signed as seldom as that allows. */
import { digestOf } from '../../shared/crypto/digest.ts';
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
  /** The latest list, or the one that is being signed. */
  #latest: Promise<SignedList> | undefined;

  constructor(issuer: Issuer, records: CertificateRecords, numbers: Numbers, clock: Clock) {
    this.#issuer = issuer;
    this.#records = records;
    this.#numbers = numbers;
    this.#clock = clock;
  }

  /** The list of now: replaced when it is a quarter of its life old, and when the clock was set to before it. */
  async current(): Promise<PublishedList> {
    const latest = await this.#latest;
    if (latest !== undefined && this.#isFresh(latest)) return latest;
    return this.renew();
  }

  /** Signs a list with everything that is revoked at this moment, which from now on is the current one. */
  renew(): Promise<PublishedList> {
    const signing = this.#sign();
    this.#latest = signing;
    // A list that could not be signed is tried again by the next one who asks; its error is the caller's.
    signing.catch(() => {
      if (this.#latest === signing) this.#latest = undefined;
    });
    return signing;
  }

  #isFresh({ signedAt }: SignedList): boolean {
    const age = this.#clock.now() - signedAt;
    return age >= 0 && age < LIST_MAX_AGE_MS;
  }

  async #sign(): Promise<SignedList> {
    const now = this.#clock.now();
    // RFC 5280 section 3.3: an entry stays until one list after the certificate's end has had it.
    const revoked = this.#records.revokedUnder(this.#issuer.certificate, now - LIST_LIFE_MS);
    const number = this.#numbers.nextRevocationList();
    const span = { thisUpdate: now - BACKDATING_MS, nextUpdate: now + LIST_LIFE_MS };
    const der = await this.#issuer.issueRevocationList({ at: now, number, ...span, revoked });
    return { der, etag: `"${digestOf(der)}"`, signedAt: now };
  }
}
