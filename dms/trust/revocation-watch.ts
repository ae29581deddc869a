/** The issuing CAs' revocation lists as they are now, fetched every second: without those of the present time nobody is let in. */
import { ProtocolError } from '../../shared/errors.ts';
import { invariant } from '../../shared/invariant.ts';
import { type RevocationList, verifyRevocationList } from '../../shared/pki/revocation-list.ts';
import type { Certificate, Revocations } from '../../shared/pki/verify-certificate.ts';
import type { Clock } from '../../shared/time/clock.ts';

export interface RevocationWatchParts {
  readonly service: {
    revocationList(
      etag: string | undefined,
      issuer: Certificate,
    ): Promise<{ der: Uint8Array; etag: string | undefined } | 'unchanged'>;
  };
  /** The issuing CAs, verified. */
  readonly issuers: () => readonly Certificate[];
  readonly clock: Clock;
}

/** The list is made by the authority's clock; ours may be a little behind it. */
const CLOCK_TOLERANCE_MS = 5_000;
/** While there is no good list, everybody who comes makes us ask: at most this often. */
const ASKING_PAUSE_MS = 250;

/** One issuing CA's list, and the entity tag that it came with. */
interface FetchedList {
  readonly issuer: Certificate;
  readonly list: RevocationList;
  readonly etag: string | undefined;
}

/** Has no list until the first `poll`. */
export class RevocationWatch {
  readonly #parts: RevocationWatchParts;
  /** By the fingerprint of the issuing CA. */
  #lists: ReadonlyMap<string, FetchedList> = new Map();
  /** What these lists say: another object when they are others. */
  #revocations = revocationsOf(this.#lists);
  #polling: Promise<void> | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #askedFor: ReadonlySet<string> = new Set();
  #onChange = (): void => {};

  constructor(parts: RevocationWatchParts) {
    this.#parts = parts;
  }

  /** Calls `listener`, the one there is, after a list with another number was taken over. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /**
   * The lists of all issuing CAs that are alive at the trusted time `at`, if every one of them is of that time. One whose
   * list was never there yet is no reason against the others; about its certificates nothing is said.
   */
  current(at: number): Revocations | undefined {
    const lists = [...this.#lists.values()].filter(({ issuer }) => isAlive(issuer, at));
    if (lists.length === 0 || !lists.every(({ list }) => isOf(list, at))) return undefined;
    return this.#revocations;
  }

  /**
   * The lists of the trusted time `at`; fetched first if ours are of another time, as after a jump of the clock.
   * @throws ProtocolError 'revocation-list-stale' | 'revocation-list-invalid'
   */
  async at(at: number): Promise<Revocations> {
    const current = this.current(at);
    if (current !== undefined && this.#missing(at).length === 0) return current;
    // What is under way may have begun before an issuing CA was known that is known now. What is under way after that has
    // not, and is joined: whoever else waited has begun it.
    if (this.#polling !== undefined) await this.#polling.catch(onlyRefusals);
    if (this.#polling !== undefined || this.#mayAsk(at)) await this.poll(at).catch(onlyRefusals);
    const fetched = this.current(at);
    if (fetched === undefined) throw new ProtocolError('revocation-list-stale');
    return fetched;
  }

  /** Fetches the lists that have a newer one. Throws what the service or the verification refuses. */
  poll(at: number): Promise<void> {
    this.#polling ??= this.#fetchAll(at).finally(() => {
      this.#polling = undefined;
    });
    return this.#polling;
  }

  async #fetchAll(at: number): Promise<void> {
    this.#askedAt = this.#parts.clock.monotonic();
    const issuers = this.#alive(at);
    this.#askedFor = new Set(issuers.map(({ sha256 }) => sha256));
    if (issuers.length === 0) throw new ProtocolError('revocation-list-invalid', 'no issuing CA is known');
    const before = this.#lists;
    const results = await Promise.allSettled(issuers.map((issuer) => this.#fetch(issuer, at)));
    // What could not be fetched is as it was, and goes stale by itself. What nobody publishes any more is dropped.
    const lists = issuers.map(({ sha256 }, index) => {
      const result = results[index];
      return result?.status === 'fulfilled' ? result.value : before.get(sha256);
    });
    const kept = lists.filter((list) => list !== undefined);
    const isSame = kept.length === before.size && kept.every((list) => before.get(list.issuer.sha256) === list);
    if (!isSame) {
      this.#lists = new Map(kept.map((list) => [list.issuer.sha256, list]));
      this.#revocations = revocationsOf(this.#lists);
    }
    const isNew = ({ issuer, list }: FetchedList) => before.get(issuer.sha256)?.list.number !== list.number;
    if (kept.some(isNew)) this.#onChange();
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  async #fetch(issuer: Certificate, at: number): Promise<FetchedList> {
    const kept = this.#lists.get(issuer.sha256);
    const isGood = kept !== undefined && isOf(kept.list, at);
    const answer = await this.#parts.service.revocationList(isGood ? kept.etag : undefined, issuer);
    if (answer !== 'unchanged') {
      return { issuer, list: verifyRevocationList(answer.der, issuer, at), etag: answer.etag };
    }
    invariant(kept !== undefined, 'a list that is unchanged is one that we have');
    return kept;
  }

  /** While something is missing: about an issuing CA that was never asked for at once, else after a pause. */
  #mayAsk(at: number): boolean {
    const missing = this.#missing(at);
    if (this.current(at) !== undefined && missing.length === 0) return false;
    const isPauseOver = this.#parts.clock.monotonic() - this.#askedAt >= ASKING_PAUSE_MS;
    return isPauseOver || missing.some(({ sha256 }) => !this.#askedFor.has(sha256));
  }

  #missing(at: number): Certificate[] {
    return this.#alive(at).filter(({ sha256 }) => !this.#lists.has(sha256));
  }

  #alive(at: number): Certificate[] {
    return this.#parts.issuers().filter((issuer) => isAlive(issuer, at));
  }
}

/** Silence about an issuer is an error, never a no. */
function revocationsOf(lists: ReadonlyMap<string, FetchedList>): Revocations {
  return {
    isRevoked: (issuer, serialHex) => {
      const fetched = lists.get(issuer.sha256);
      if (fetched === undefined) throw new ProtocolError('revocation-list-invalid', 'there is no list of this issuer');
      return fetched.list.isRevoked(issuer, serialHex);
    },
  };
}

/** Why there is no fresh list is in the log of whoever polls; for a caller it is one thing, no list. A bug stays one. */
function onlyRefusals(error: unknown): void {
  if (!(error instanceof ProtocolError)) throw error;
}

/** What an issuing CA issued ends with it, and so does its list. The service's clock may be a little ahead of ours. */
function isAlive({ notBefore, notAfter }: Certificate, at: number): boolean {
  return at >= notBefore - CLOCK_TOLERANCE_MS && at <= notAfter;
}

function isOf(list: RevocationList, at: number): boolean {
  return list.thisUpdate <= at + CLOCK_TOLERANCE_MS && at < list.nextUpdate;
}
