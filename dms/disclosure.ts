/**
 * Asks the Trusted Service to seal seller's and winner's identities for each other, and records the two envelopes, which
 * nobody here can open. What is still to be asked follows from the journal: sold, and not disclosed.
 */
import { canonicalJson } from '../shared/canonical-json.ts';
import { digestOf } from '../shared/crypto/digest.ts';
import { type JwsSigner, signJws } from '../shared/crypto/jws.ts';
import { ProtocolError } from '../shared/errors.ts';
import { invariant } from '../shared/invariant.ts';
import type { Accepted, Refused } from '../shared/wire/commands.ts';
import type { DiscloseAnswer, DiscloseRequest, DisclosureClaims, SaleEvidence } from '../shared/wire/http-endpoints.ts';
import type { CertificatePem, HouseId, Instant, LotId } from '../shared/wire/vocabulary.ts';
import type { Lot } from './auction/lot.ts';
import type { Log } from './log.ts';
import type { Letter } from './publication/letters.ts';
import { createRetry, type Retry } from './retry.ts';

export interface DisclosureParts {
  readonly house: {
    readonly house: HouseId;
    readonly lots: ReadonlyMap<LotId, Lot>;
    saleEvidence(lot: Lot): Promise<SaleEvidence>;
    recordDisclosure(lot: LotId, envelopes: DiscloseAnswer): Promise<Accepted | Refused>;
  };
  readonly service: { disclose(request: DiscloseRequest): Promise<DiscloseAnswer> };
  readonly node: { readonly signer: JwsSigner; readonly chain: readonly [CertificatePem, CertificatePem] };
  /** The authority's name. */
  readonly authority: string;
  readonly time: { now(): Instant };
  readonly log: Log;
  /** Called with an error that is neither the network's nor the Trusted Service's. */
  readonly onFailure: (error: unknown) => void;
}

/** How often what other nodes have sold is looked through; who closed a lot has so long at least to disclose the sale. */
export const TAKE_OVER_MS = 5_000;
/** Requests that are under way at once: a burst of closings must not take all of the Trusted Service's time. */
const AT_ONCE = 8;

export class DisclosureDesk {
  readonly #parts: DisclosureParts;
  readonly #retry: Retry;
  readonly #stopping = new AbortController();
  readonly #pending = new Set<LotId>();
  /** Those of them that are not begun: of thousands that are sold at once, each that begins takes time of everybody else. */
  readonly #waiting: LotId[] = [];
  /** How many are at their first attempt. */
  #beginning = 0;
  /** Sold on any node since the last look, and between the last two. */
  #soldNow = new Set<LotId>();
  #soldBefore = new Set<LotId>();

  constructor(parts: DisclosureParts) {
    this.#parts = parts;
    this.#retry = createRetry('disclosure', parts.log, AT_ONCE);
  }

  /** Takes up what was sold and is not disclosed. */
  start(): void {
    for (const lot of this.#parts.house.lots.values()) if (isUndisclosed(lot)) this.request(lot.id);
  }

  /** Asks, in the background, until the two envelopes are recorded. A lot that is asked for already is not asked for twice. */
  request(lot: LotId): void {
    if (this.#pending.has(lot) || this.#stopping.signal.aborted) return;
    this.#pending.add(lot);
    this.#waiting.push(lot);
    this.#begin();
  }

  /** Hears what is published, by whichever node it was recorded. */
  hear(letters: readonly Letter[]): void {
    for (const letter of letters) {
      if (!('announcement' in letter) || letter.announcement.event !== 'item_closed') continue;
      if (letter.announcement.outcome === 'sold') this.#soldNow.add(letter.announcement.lot);
    }
  }

  /** Asks for what another node has sold and not disclosed: it may have ended between the two. Called every `TAKE_OVER_MS`. */
  takeOver(): void {
    const late = this.#soldBefore;
    this.#soldBefore = this.#soldNow;
    this.#soldNow = new Set();
    for (const id of late) {
      const lot = this.#parts.house.lots.get(id);
      if (lot !== undefined && isUndisclosed(lot)) this.request(id);
    }
  }

  /** Asks for nothing more. What is not disclosed is asked for at the next start. */
  stop(): void {
    this.#stopping.abort();
  }

  /** The next ones begin when those before them have made their first attempt, however that ends. */
  #begin(): void {
    while (this.#beginning < AT_ONCE && !this.#stopping.signal.aborted) {
      const lot = this.#waiting.shift();
      if (lot === undefined) return;
      this.#beginning += 1;
      let isFirst = true;
      const attempt = () => {
        const disclosed = this.#disclose(lot);
        if (!isFirst) return disclosed;
        isFirst = false;
        return disclosed.finally(() => this.#hasBegun());
      };
      this.#retry(attempt, this.#stopping.signal)
        .catch((error: unknown) => this.#giveUp(lot, error))
        .finally(() => this.#pending.delete(lot));
    }
  }

  #hasBegun(): void {
    this.#beginning -= 1;
    this.#begin();
  }

  async #disclose(id: LotId): Promise<void> {
    const { house, service, log } = this.#parts;
    const lot = house.lots.get(id);
    invariant(lot !== undefined, 'a sold lot is one of the house');
    if (!isUndisclosed(lot)) return;
    this.#stopping.signal.throwIfAborted();
    const envelopes = await service.disclose(await this.#sign(await house.saleEvidence(lot)));
    const answer = await house.recordDisclosure(id, envelopes);
    if (answer.outcome === 'refused') throw new ProtocolError(answer.code, answer.detail);
    log.info({ lot: id, position: answer.position }, 'a sale was disclosed to its two parties');
  }

  /** The node answers for the evidence with its own key. */
  async #sign(evidence: SaleEvidence): Promise<DiscloseRequest> {
    const { house, node, authority, time } = this.#parts;
    const [certificate, issuer] = node.chain;
    const claims: DisclosureClaims = {
      iss: house.house,
      aud: authority,
      iat: time.now(),
      evidence: digestOf(canonicalJson(evidence)),
    };
    const request = await signJws(node.signer, 'disclosure-request+jwt', claims);
    return { request, certificate, chain: [issuer], evidence };
  }

  #giveUp(lot: LotId, error: unknown): void {
    // We are stopping, and the waiting ended with it.
    if (this.#stopping.signal.aborted) return;
    const { log, onFailure } = this.#parts;
    if (!(error instanceof ProtocolError)) {
      onFailure(error);
      return;
    }
    const { code, detail } = error;
    log.error({ lot, code, detail }, 'the Trusted Service refuses to disclose a sale; it is asked at the next start');
  }
}

function isUndisclosed(lot: Lot): boolean {
  return lot.status === 'sold' && lot.notices.seller === undefined;
}
