/** The revocation lists that the authority of a town publishes: real ones, signed anew when they have aged, or when somebody was revoked. */
import type { RevocationListOrder } from '../../shared/pki/encode-tbs.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import { ISSUING, signList } from './issuing.ts';

export interface PublishedList {
  readonly der: Uint8Array;
  readonly etag: string;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** Whom it names, by serial number. */
  readonly revoked: ReadonlySet<string>;
}

type Revoked = RevocationListOrder['revoked'][number] & Pick<Certificate, 'notAfter'>;

export class RevocationLists {
  readonly #lifeMs: number;
  readonly #revoked: Revoked[] = [];
  #number = 0;
  #latest: PublishedList | undefined;

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
  }

  revoke({ serialHex, notAfter }: Certificate, at: number): void {
    if (this.#revoked.some((one) => one.serialHex === serialHex)) return;
    this.#revoked.push({ serialHex, notAfter, revokedAt: at, reason: 'keyCompromise' });
    this.#latest = undefined;
  }

  /** The list of now. As `trusted-service/certificate-authority/revocation-publisher.ts` has it, a quarter of its life is old. */
  current(now: number): PublishedList {
    const age = now - (this.#latest?.thisUpdate ?? Number.POSITIVE_INFINITY);
    if (this.#latest === undefined || age < 0 || age >= this.#lifeMs / 4) this.#latest = this.#sign(now);
    return this.#latest;
  }

  #sign(now: number): PublishedList {
    this.#number += 1;
    // A list has whole seconds.
    const thisUpdate = Math.floor(now / 1_000) * 1_000;
    const span = { thisUpdate, nextUpdate: thisUpdate + this.#lifeMs };
    // RFC 5280 section 3.3: who is revoked stays on the list until one after the certificate's end has had it.
    const entries = this.#revoked.filter(({ notAfter }) => notAfter > now - this.#lifeMs);
    const der = signList({ number: this.#number, ...span, revoked: entries }, ISSUING);
    return { der, etag: `"${this.#number}"`, ...span, revoked: new Set(entries.map(({ serialHex }) => serialHex)) };
  }
}
