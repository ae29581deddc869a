/** A sale as two participants, a DMS node and the clock make it, every part of which a test may change. */
import { randomUUID } from 'node:crypto';
import { canonicalJson } from '../../../shared/canonical-json.ts';
import { digestOf, digestOfTerms, digestOfText } from '../../../shared/crypto/digest.ts';
import { LotTerms } from '../../../shared/wire/commands.ts';
import type { DiscloseRequest, SaleEvidence, SignedEvidence } from '../../../shared/wire/http-endpoints.ts';
import { HouseId, Instant, LotId } from '../../../shared/wire/vocabulary.ts';
import { certifiedNode, TestParticipant } from '../test-participant.ts';
import type { TestService } from '../test-service.ts';

export const MINUTE_MS = 60_000;
export const GRACE_MS = 3_000;

/** What the story is about; whatever is left out is as it should be. */
export interface Plot {
  readonly listing?: object;
  readonly bid?: object;
  readonly terms?: object;
  /** Milliseconds after the beginning. */
  readonly listedAt?: number;
  readonly bidAt?: number;
  readonly closedAt?: number;
  readonly closesAt?: number;
  readonly bidder?: TestParticipant;
}

/** The lot closes ten minutes after the beginning; with its extension, up to twelve. */
const CLOSES = 10 * MINUTE_MS;

interface Cast {
  readonly house: HouseId;
  readonly seller: TestParticipant;
  readonly winner: TestParticipant;
  readonly node: TestParticipant;
  readonly begin: number;
}

export class Sale {
  readonly service: TestService;
  readonly house: HouseId;
  readonly lot = LotId.parse(randomUUID());
  readonly seller: TestParticipant;
  readonly winner: TestParticipant;
  readonly node: TestParticipant;
  readonly begin: number;

  private constructor(service: TestService, cast: Cast) {
    this.service = service;
    this.house = cast.house;
    this.seller = cast.seller;
    this.winner = cast.winner;
    this.node = cast.node;
    this.begin = cast.begin;
  }

  static async prepare(service: TestService): Promise<Sale> {
    const suffix = randomUUID().slice(0, 8);
    const house = HouseId.parse(randomUUID());
    const seller = await TestParticipant.enrolled(service, `seller-${suffix}`, 'seller@example.org');
    const winner = await TestParticipant.enrolled(service, `winner-${suffix}`);
    const node = await certifiedNode(service, house);
    return new Sale(service, { house, seller, winner, node, begin: (await service.client.clock()).time });
  }

  /** Plays the story with the simulated clock, and returns the evidence; the clock stays after the closing. */
  async play(plot: Plot = {}): Promise<SaleEvidence> {
    const closesAt = Instant.parse(this.begin + (plot.closesAt ?? CLOSES));
    const terms = LotTerms.parse({
      title: 'Oak desk',
      currency: 'EUR',
      startingPrice: 10_000,
      increment: 500,
      closesAt: this.begin + CLOSES,
      extension: { window: 60_000, by: 60_000, until: this.begin + 12 * MINUTE_MS },
      ...plot.terms,
    });
    const listing = { v: 1, aud: this.house, id: this.lot, type: 'list', ...terms, ...plot.listing };
    const bid = { v: 1, aud: this.house, id: randomUUID(), type: 'bid', lot: this.lot, terms: digestOfTerms(terms) };
    const listed = await this.stamped(this.seller, listing, plot.listedAt ?? MINUTE_MS);
    const by = plot.bidder ?? this.winner;
    const bidden = await this.stamped(by, { ...bid, amount: 12_000, ...plot.bid }, plot.bidAt ?? 5 * MINUTE_MS);
    const nonce = 'closing-nonce-of-this-lot';
    await this.travel(plot.closedAt ?? closesAt - this.begin + GRACE_MS);
    const timestamp = await this.service.client.time(nonce);
    const { house, lot } = this;
    return { house, lot, closesAt, listing: listed, bid: bidden, closing: { nonce, timestamp } };
  }

  async stamped(by: TestParticipant, statement: object, after: number): Promise<SignedEvidence> {
    const jws = await by.sign('command+jwt', statement);
    await this.travel(after);
    return {
      statement: jws,
      timestamp: await this.service.client.timestamp(digestOfText(jws)),
      certificate: by.certificate,
    };
  }

  /** Sets the clock to so many milliseconds after the beginning. */
  async travel(after: number): Promise<void> {
    await this.service.client.setTime(this.begin + after);
  }

  /** The request of the node, signed now. */
  async request(evidence: SaleEvidence, changes: object = {}, by = this.node): Promise<DiscloseRequest> {
    const { time } = await this.service.client.clock();
    const claims = {
      iss: this.house,
      aud: this.service.authority,
      iat: time,
      evidence: digestOf(canonicalJson(evidence)),
    };
    const request = await by.sign('disclosure-request+jwt', { ...claims, ...changes });
    return { request, certificate: by.certificate, chain: [by.certificate], evidence };
  }
}
