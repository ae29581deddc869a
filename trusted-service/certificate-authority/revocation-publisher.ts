/** The revocation list that is published: always fresh, on the shelf and when somebody asks, and signed as seldom as that allows. */
import { digestOf } from '../../shared/crypto/digest.ts';
import { ProtocolError, type RefusalCode } from '../../shared/errors.ts';
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

/** While these keep us from signing another list, the last one is as true as it was. */
const LAST_LIST_IS_GOOD: readonly RefusalCode[] = ['clock-stepped', 'state-unwritable'];

export interface PublishedList {
  readonly der: Uint8Array;
  /** A strong entity tag (RFC 9110 section 8.8.3). */
  readonly etag: string;
}

interface SignedList extends PublishedList {
  readonly signedAt: number;
  readonly number: number;
}

export class RevocationPublisher {
  readonly #issuer: Issuer;
  readonly #records: CertificateRecords;
  readonly #numbers: Numbers;
  readonly #clock: Clock;
  /** Of a list that a revocation made necessary: those before it do not have that revocation. */
  #demandedNumber = 0;
  /** The last list that was signed. */
  #last: SignedList | undefined;
  /** The latest list, or the one that is being signed. */
  #latest: Promise<SignedList> | undefined;

  constructor(issuer: Issuer, records: CertificateRecords, numbers: Numbers, clock: Clock) {
    this.#issuer = issuer;
    this.#records = records;
    this.#numbers = numbers;
    this.#clock = clock;
  }

  /**
   * The list of now: replaced when it is a quarter of its life old, and when the clock was set to before it. While the
   * service can't sign another one, the last: it says itself how long it is good.
   */
  async current(): Promise<PublishedList> {
    try {
      const latest = await this.#latest;
      if (latest !== undefined && this.#isFresh(latest)) return latest;
      return await this.renew();
    } catch (error) {
      const last = this.#last;
      const isStopped = error instanceof ProtocolError && LAST_LIST_IS_GOOD.includes(error.code);
      if (last === undefined || !isStopped || this.#demandedNumber > last.number) throw error;
      return last;
    }
  }

  /** Takes the number of the next list, in the transaction with what makes it necessary. No older list is published after it. */
  takeNumber(): number {
    return this.#numbers.nextRevocationList();
  }

  /** Signs a list with everything that is revoked at this moment, which from now on is the current one. */
  renew(number?: number): Promise<PublishedList> {
    if (number !== undefined) this.#demandedNumber = Math.max(this.#demandedNumber, number);
    const signing = this.#sign(number);
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

  async #sign(reserved?: number): Promise<SignedList> {
    const now = this.#clock.now();
    // RFC 5280 section 3.3: an entry stays until one list after the certificate's end has had it.
    const revoked = this.#records.revokedUnder(this.#issuer.certificate, now - LIST_LIFE_MS);
    const number = reserved ?? this.takeNumber();
    const span = { thisUpdate: now - BACKDATING_MS, nextUpdate: now + LIST_LIFE_MS };
    const der = await this.#issuer.issueRevocationList({ at: now, number, ...span, revoked });
    const signed = { der, etag: `"${digestOf(der)}"`, signedAt: now, number };
    if (number > (this.#last?.number ?? 0)) this.#last = signed;
    return signed;
  }
}
