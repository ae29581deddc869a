/** The bidders of one process and the lots that they bid on: makes their bids beforehand, and sends them. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { OpenedAccess } from '../../client/open-access.ts';
import { digestOfTerms } from '../../shared/crypto/digest.ts';
import { type CommandAnswer, LotTerms } from '../../shared/wire/commands.ts';
import { ANNOUNCEMENT_TICK_MS } from '../../shared/wire/limits.ts';
import { Bidder } from './bidder.ts';
import type { Sent, Side } from './messages.ts';
import { Tally } from './tally.ts';
import { Wire } from './wire.ts';

const HOUR_MS = 3_600_000;
/** Announcements that have not come by then never will. */
const ANNOUNCED_LIMIT_MS = 10_000;

/** A lot as its bidders know it. */
interface Lot {
  readonly lot: string;
  readonly terms: string;
}

/** A bid that is ready to leave. */
interface Bid {
  /** Which of the bidders sends it. */
  readonly bidder: number;
  readonly frame: string;
}

export class Hall {
  readonly #everybody: readonly OpenedAccess[];
  #bidders: readonly Bidder[] = [];
  readonly #wires: Record<Side, readonly Wire[]> = { house: [], empty: [] };
  readonly #lots: Lot[] = [];
  #bids = 0;
  /** For each lot what is ready, in the order in which it has to leave. */
  #prepared: Bid[][] = [];

  /** The first sells, the others bid. */
  constructor(everybody: readonly OpenedAccess[]) {
    this.#everybody = everybody;
  }

  async enterHouse(url: string, lots: number): Promise<void> {
    const entered: Bidder[] = [];
    for (const opened of this.#everybody) entered.push(await Bidder.enter(opened, url));
    const [seller, ...bidders] = entered as [Bidder, ...Bidder[]];
    this.#bidders = bidders;
    this.#wires.house = bidders.map(({ wire }) => wire);
    for (let made = 0; made < lots; made += 1) this.#lots.push(await list(seller, made));
  }

  /** As many connections to the server that does nothing. */
  async enterEmpty(url: string): Promise<void> {
    const wires: Wire[] = [];
    for (const { api } of this.#everybody.slice(1)) wires.push(await Wire.open(url, api.root, {}));
    this.#wires.empty = wires;
  }

  /** From here on they have to leave soon: a stamp is good for three seconds. */
  async prepare(count: number): Promise<void> {
    const signed = await Promise.all(Array.from({ length: count }, () => this.#sign()));
    const lanes = this.#lots.map((): Bid[] => []);
    const frames = await Promise.all(
      signed.map(({ bidder, statement }) => (this.#bidders[bidder] as Bidder).prepare(statement)),
    );
    for (const [index, { bidder, lot }] of signed.entries())
      lanes[lot]?.push({ bidder, frame: frames[index] as string });
    this.#prepared = lanes;
  }

  /**
   * On each lot `window` bids are under way, for so long or until none is left. What was prepared stays, and can be sent to
   * the empty server again and again.
   */
  async saturate(side: Side, ms: number, window: number): Promise<Sent> {
    const tally = new Tally(side);
    const until = performance.now() + ms;
    await Promise.all(
      this.#prepared.map((bids) => {
        const next = inTurn(bids, side === 'empty');
        const one = async () => {
          for (let bid = next(); bid !== undefined && performance.now() < until; bid = next())
            await this.#send(bid, side, performance.now(), tally);
        };
        return Promise.all(Array.from({ length: window }, one));
      }),
    );
    const sent = tally.result();
    await this.#allAnnounced(tally.position);
    return sent;
  }

  #send({ bidder, frame }: Bid, side: Side, intendedAt: number, tally: Tally): Promise<void> {
    const wire = this.#wires[side][bidder] as Wire;
    return new Promise((resolve) => {
      wire.send(frame, (answer) => {
        tally.take(answer, performance.now() - intendedAt);
        resolve();
      });
    });
  }

  async #sign() {
    const number = this.#bids;
    this.#bids += 1;
    const round = Math.floor(number / this.#lots.length);
    const lot = number % this.#lots.length;
    const bidder = (number + round) % this.#bidders.length;
    const claims = { type: 'bid', ...(this.#lots[lot] as Lot), amount: round + 1 };
    return { lot, bidder, statement: await (this.#bidders[bidder] as Bidder).sign(claims) };
  }

  /** Everybody has heard of everything up to there. */
  async #allAnnounced(position: number): Promise<void> {
    const limit = performance.now() + ANNOUNCED_LIMIT_MS;
    while (this.#wires.house.some(({ announced }) => announced < position)) {
      if (performance.now() > limit) throw new Error(`position ${position} was not announced to everybody`);
      await pause(ANNOUNCEMENT_TICK_MS);
    }
  }
}

/** One after another; `isEndless`: and then from the beginning. */
function inTurn(bids: readonly Bid[], isEndless: boolean): () => Bid | undefined {
  let next = 0;
  return () => {
    const bid = bids[next];
    next += 1;
    if (isEndless && next === bids.length) next = 0;
    return bid;
  };
}

async function list(seller: Bidder, number: number): Promise<Lot> {
  const closesAt = Math.floor(Date.now() + HOUR_MS);
  const terms = LotTerms.parse({ title: `Lot ${number}`, currency: 'EUR', startingPrice: 1, increment: 1, closesAt });
  const lot = randomUUID();
  const frame = await seller.prepare(await seller.sign({ type: 'list', id: lot, ...terms }));
  const answer = await new Promise<string>((resolve) => seller.wire.send(frame, resolve));
  const [{ outcome }] = JSON.parse(answer) as [CommandAnswer];
  if (outcome !== 'accepted') throw new Error(`not listed: ${answer}`);
  return { lot, terms: digestOfTerms(terms) };
}
