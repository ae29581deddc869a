/** The revocation list as it is now, fetched every second: without one of the present time nobody is let in. */
import { ProtocolError } from '../../shared/errors.ts';
import { type RevocationList, verifyRevocationList } from '../../shared/pki/revocation-list.ts';
import type { Certificate, Revocations } from '../../shared/pki/verify-certificate.ts';
import type { Clock } from '../../shared/time/clock.ts';

export interface RevocationWatchParts {
  readonly service: {
    revocationList(etag?: string): Promise<{ der: Uint8Array; etag: string | undefined } | 'unchanged'>;
  };
  /** The issuing CAs, verified. */
  readonly issuers: () => readonly Certificate[];
  readonly clock: Clock;
}

/** The list is made by the authority's clock; ours may be a little behind it. */
const CLOCK_TOLERANCE_MS = 5_000;
/** While there is no good list, everybody who comes makes us ask: at most this often. */
const ASKING_PAUSE_MS = 250;

/** Has no list until the first `poll`. */
export class RevocationWatch {
  readonly #parts: RevocationWatchParts;
  #list: RevocationList | undefined;
  #etag: string | undefined;
  #polling: Promise<void> | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #onChange = (): void => {};

  constructor(parts: RevocationWatchParts) {
    this.#parts = parts;
  }

  /** Calls `listener`, the one there is, after a list with another number was taken over. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /** The list, if it is of the trusted time `at`. */
  current(at: number): Revocations | undefined {
    return isOf(this.#list, at) ? this.#list : undefined;
  }

  /**
   * The list of the trusted time `at`; fetched first if ours is of another time, as after a jump of the clock.
   * @throws ProtocolError 'revocation-list-stale' | 'revocation-list-invalid'
   */
  async at(at: number): Promise<Revocations> {
    const current = this.current(at);
    if (current !== undefined) return current;
    const mayAsk = this.#polling !== undefined || this.#parts.clock.monotonic() - this.#askedAt >= ASKING_PAUSE_MS;
    if (mayAsk) await this.poll(at).catch(onlyRefusals);
    const fetched = this.current(at);
    if (fetched === undefined) throw new ProtocolError('revocation-list-stale');
    return fetched;
  }

  /** Fetches the list if there is a newer one. Throws what the service or the verification refuses. */
  poll(at: number): Promise<void> {
    this.#polling ??= this.#fetch(at).finally(() => {
      this.#polling = undefined;
    });
    return this.#polling;
  }

  async #fetch(at: number): Promise<void> {
    this.#askedAt = this.#parts.clock.monotonic();
    const answer = await this.#parts.service.revocationList(isOf(this.#list, at) ? this.#etag : undefined);
    if (answer === 'unchanged') return;
    const before = this.#list?.number;
    this.#list = verifyUnderOneOf(this.#parts.issuers(), answer.der, at);
    this.#etag = answer.etag;
    if (this.#list.number !== before) this.#onChange();
  }
}

/** Why there is no fresh list is in the log of whoever polls; for a caller it is one thing, no list. A bug stays one. */
function onlyRefusals(error: unknown): void {
  if (!(error instanceof ProtocolError)) throw error;
}

function isOf(list: RevocationList | undefined, at: number): list is RevocationList {
  return list !== undefined && list.thisUpdate <= at + CLOCK_TOLERANCE_MS && at < list.nextUpdate;
}

/** The list is of one issuing CA; while one follows another there are two. */
function verifyUnderOneOf(issuers: readonly Certificate[], der: Uint8Array, at: number): RevocationList {
  let refusal: unknown = new ProtocolError('revocation-list-invalid', 'no issuing CA is known');
  for (const issuer of issuers) {
    try {
      return verifyRevocationList(der, issuer, at);
    } catch (error) {
      // Perhaps it is the other issuer's; if it is nobody's, the last refusal says so.
      refusal = error;
    }
  }
  throw refusal;
}
