/** Who does what when: the town's guests, by AuctionMark, and around each closing a few who aim at it. */
import { AuctionMark, BROKER_MIX, type Offer } from '../../client/bots/workload/auction-mark.ts';
import { digestOfTerms } from '../../shared/crypto/digest.ts';
import type { LotTerms } from '../../shared/wire/commands.ts';
import type { Amount, CommandId, Currency, Digest, Instant, LotId } from '../../shared/wire/vocabulary.ts';
import type { Guest } from './guest.ts';
import type { Aim } from './sending.ts';
import { best, type KnownLot } from './truth.ts';
import { HOUSE, newUuid } from './vocabulary.ts';
import type { World } from './world.ts';

/** A bid may travel so long, and still counts. */
const LONGEST_WAY_MS = 3_000;
/** The moments around a closing that matter most. */
const MOMENTS = [-1, 0, 1, -1, 0, -2, -1_000, -2_999, -3_000, -3_001];

export class Driver {
  readonly #world: World;
  readonly #mark: AuctionMark;
  #offered = 0;

  constructor(world: World) {
    this.#world = world;
    const { guests } = world.profile;
    this.#mark = new AuctionMark(world.random, { sellers: guests, buyers: guests });
  }

  /** Whether the last lot was offered and is closed by now. */
  get isOver(): boolean {
    const { profile, guests } = this.#world;
    const isOffered = this.#offered >= profile.lots && guests.every(({ waiting }) => waiting === 0);
    return isOffered && this.#open().length === 0;
  }

  start(): void {
    const { profile, scheduler } = this.#world;
    for (let lot = 0; lot < profile.openLots; lot += 1) this.#offer(this.#mark.standingOffer());
    const perDay = (profile.openLots * profile.bidsPerLot) / 6 / BROKER_MIX.bid;
    const next = () => {
      scheduler.after(this.#mark.pauseMs(perDay) * (profile.dayMs / 1_000), () => {
        if (this.#world.network.isCalm) return;
        this.#act();
        next();
      });
    };
    next();
  }

  #act(): void {
    const { random, guests, profile } = this.#world;
    const operation = this.#mark.operation(BROKER_MIX);
    const anybody = guests[random.below(guests.length)]!;
    if (operation === 'bid') this.#bid();
    else if (operation === 'list') {
      if (this.#open().length < 2 * profile.openLots) this.#offer(this.#mark.offer());
    } else void anybody.look(operation);
    if (this.#open().length < profile.openLots) this.#offer(this.#mark.offer());
  }

  #open(): KnownLot[] {
    return this.#lots((lot) => lot.closed === undefined);
  }

  #lots(which: (lot: KnownLot) => boolean): KnownLot[] {
    return [...this.#world.auditor.truth.lots.values()].filter(which);
  }

  #offer({ seller, title, startingPrice, days }: Offer): void {
    const { authority, random, profile, guests, scheduler } = this.#world;
    if (this.#offered >= profile.lots) return;
    this.#offered += 1;
    const closesAt = authority.now() + Math.max(2_000, Math.round(days * profile.dayMs));
    const isSoft = random.chance(0.3);
    const extension = { window: 1 + random.below(6_000), by: 1 + random.below(9_000), until: closesAt + 20_000 };
    const terms = {
      ...{ title, currency: 'EUR' as Currency, startingPrice: startingPrice as Amount },
      ...{ increment: (1 + random.below(200)) as Amount, closesAt: closesAt as Instant },
      ...(isSoft && { extension: { ...extension, until: extension.until as Instant } }),
    };
    const id = newUuid(random) as CommandId;
    void guests[seller]!.command({ v: 1, aud: HOUSE, id, type: 'list', ...terms });
    if (random.chance(0.8))
      scheduler.after(closesAt - authority.now() - 6_000, () => this.#rushTo(id as string as LotId, terms));
  }

  /** Some time before a lot closes, a few aim at its closing; many of them with the same amount. */
  #rushTo(id: LotId, terms: LotTerms): void {
    const { random, guests, auditor, authority } = this.#world;
    const lot = auditor.truth.lots.get(id);
    if (lot === undefined || lot.closed !== undefined) return;
    const leading = best(lot.bids)?.amount ?? terms.startingPrice;
    const amount = leading + terms.increment * (1 + random.below(3));
    const others = guests.filter(({ subject }) => subject !== lot.seller);
    const moment = MOMENTS[random.below(MOMENTS.length)]!;
    for (let bidder = 1 + random.below(4); bidder > 0; bidder -= 1) {
      const isSame = random.chance(0.6);
      const own = isSame ? moment + random.below(2) : MOMENTS[random.below(MOMENTS.length)]!;
      const at = auditor.truth.closesAt(lot, auditor.truth.position) + own;
      const travelMs = this.#travelMs();
      const much = random.chance(0.7) ? amount : amount + random.below(3) * terms.increment;
      if (at >= authority.now()) this.#send(others[random.below(others.length)]!, lot, much, { at, travelMs });
    }
  }

  /** Who comes last within the grace is as good as the first; a few hold their bid back for longer. */
  #travelMs(): number {
    const { random } = this.#world;
    if (random.chance(0.15)) return random.below(4 * LONGEST_WAY_MS);
    return random.chance(0.3) ? LONGEST_WAY_MS - random.below(30) : random.below(LONGEST_WAY_MS);
  }

  #bid(): void {
    const { random, guests, authority } = this.#world;
    const timed = (lots: KnownLot[]) => lots.map((lot) => ({ lot, listedAt: lot.at, closesAt: lot.terms.closesAt }));
    const ended = this.#lots((one) => one.closed !== undefined);
    const lot = this.#mark.lot(timed(this.#open()), timed(ended), authority.now())?.lot;
    if (lot === undefined) return;
    const numberOf = (subject: string) => guests.findIndex((guest) => guest.subject === subject);
    const bids = new Map<number, number>();
    for (const { bidder } of lot.bids) bids.set(numberOf(bidder), (bids.get(numberOf(bidder)) ?? 0) + 1);
    const leader = best(lot.bids);
    const buyer = this.#mark.buyer({ seller: numberOf(lot.seller), leader: leader && numberOf(leader.bidder), bids });
    const guest = guests[buyer ?? numberOf(lot.seller)]!;
    const heard = guest.amounts.get(lot.id as LotId);
    const amount = this.#mark.amount(lot.terms.startingPrice, heard);
    const step = random.chance(0.7) ? lot.terms.increment : 0;
    this.#send(guest, lot, heard === undefined ? amount : amount + step);
    // Some bid the same at the same time.
    if (random.chance(0.15)) this.#send(guests[random.below(guests.length)]!, lot, amount + step);
  }

  #send(guest: Guest, lot: KnownLot, amount: number, aim?: Aim): void {
    const { random } = this.#world;
    // One of a hundred takes an id that somebody else has used, or means other terms.
    const others = lot.bids.filter(({ bidder }) => bidder !== guest.subject);
    const isThief = random.chance(0.01) && others.length > 0;
    const id = (isThief ? others[random.below(others.length)]!.id : newUuid(random)) as CommandId;
    const terms = digestOfTerms((random.chance(0.01) ? { ...lot.terms, title: 'another' } : lot.terms) as LotTerms);
    const bid = { type: 'bid', lot: lot.id as LotId, terms: terms as Digest, amount: amount as Amount } as const;
    void guest.command({ v: 1, aud: HOUSE, id, ...bid }, aim);
  }
}
