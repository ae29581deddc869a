/**
 * Bugs that are planted, one at a time, by putting another part in the place of one of the core: the simulation has to
 * find each. The product has no switch for any of them.
 */
import { expect, it, vi } from 'vitest';
import type { AuctionEvent } from '../../dms/auction/events.ts';
import type { Lot } from '../../dms/auction/lot.ts';
import type { BidCommand, CloseCommand, VerifiedCommand } from '../../dms/auction/verified-command.ts';
import type { AuctionHouse } from '../../dms/auction-house.ts';
import type { OriginalAnswer } from '../../dms/commit/house-state.ts';
import type { FreshStamp } from '../../dms/intake/stages.ts';
import type { Entry, Journal, Outcome } from '../../dms/journal/journal.ts';
import { Announcer, type Tick } from '../../dms/publication/announcer.ts';
import type { Letter } from '../../dms/publication/letters.ts';
import type { Instant, Position, Subject } from '../../shared/wire/vocabulary.ts';
import { FIRST, findEach } from './first-finding.ts';
import { insteadOf } from './plant.ts';
import { explain } from './report.ts';
import { simulate } from './simulate.ts';
import type { World } from './world.ts';

/** Which of the parts below is the false one just now. */
const planted = vi.hoisted(() => ({ bug: '' }));
const isPlanted = (bug: string) => planted.bug === bug;

vi.mock('../../dms/auction/precedence.ts', async (load) => {
  const real = await load<typeof import('../../dms/auction/precedence.ts')>();
  const isGreater: typeof real.isGreater = (bid, other) =>
    isPlanted('tie decided by arrival') ? bid.amount > (other?.amount ?? 0) : real.isGreater(bid, other);
  return { ...real, isGreater };
});

vi.mock('../../dms/auction/closing.ts', async (load) => {
  const real = await load<typeof import('../../dms/auction/closing.ts')>();
  const isDue: typeof real.isDue = (lot, now) =>
    isPlanted('closing without grace') ? lot.status === 'open' && now >= lot.closesAt : real.isDue(lot, now);
  const dueAt: typeof real.dueAt = (lot) => (isPlanted('closing without grace') ? lot.closesAt : real.dueAt(lot));
  return { ...real, isDue, dueAt };
});

vi.mock('../../dms/auction/decide.ts', async (load) => {
  const real = await load<typeof import('../../dms/auction/decide.ts')>();
  type Command = VerifiedCommand | CloseCommand;
  const decide = (lot: Lot | undefined, command: Command, nextNumber: number) => {
    if (lot === undefined) return real.decide(lot, command, nextNumber);
    if (command.type === 'close') return real.decide(openAgain(lot), command, nextNumber);
    if (command.type === 'bid' && isPlanted('off by one, too late') && command.at === lot.closesAt)
      return lateBid(lot, command, real.decide);
    if (isPlanted('off by one, too early') && command.at === lot.closesAt - 1)
      return { accepted: false, reason: 'timestamp-after-closing' };
    return real.decide(lot, command, nextNumber);
  };
  return { ...real, decide };
});

/** A lot of which nobody remembers that it is closed. */
function openAgain(lot: Lot): Lot {
  return isPlanted('a lot closes twice') ? { ...lot, status: 'open' } : lot;
}

function lateBid(
  lot: Lot,
  bid: Extract<VerifiedCommand, BidCommand>,
  decide: (lot: Lot, bid: VerifiedCommand, next: number) => object,
): object {
  const early = { ...bid, at: (bid.at - 1) as Instant } as VerifiedCommand;
  const decision = decide(lot, early, 0) as { accepted: boolean; event?: AuctionEvent };
  return decision.accepted ? { ...decision, event: { ...decision.event, at: bid.at } } : decision;
}

vi.mock('../../dms/auction/evolve.ts', async (load) => {
  const real = await load<typeof import('../../dms/auction/evolve.ts')>();
  const evolve: typeof real.evolve = (lot, event, position) => {
    if (lot === undefined || event.type === 'lot-listed') return real.evolve(lot, event, position);
    if (event.type === 'lot-closed') return real.evolve(openAgain(lot), event, position);
    const after = real.evolve(lot, event, position);
    if (!isPlanted('a closing without the withheld bids') || after.withheld.length === 0) return after;
    const { leading: _leading, ...rest } = after;
    return { ...rest, ...(lot.leading && { leading: lot.leading }) };
  };
  return { ...real, evolve };
});

vi.mock('../../dms/auction/queries.ts', async (load) => {
  const real = await load<typeof import('../../dms/auction/queries.ts')>();
  const catalogueLot: typeof real.catalogueLot = (lot) => {
    const shown = real.catalogueLot(lot);
    const isShown = isPlanted('a withheld bid in the catalogue') && lot.leading !== undefined;
    return isShown ? { ...shown, leadingAmount: lot.leading.amount } : shown;
  };
  const cataloguePage: typeof real.cataloguePage = (ids, lots, after) => {
    const page = real.cataloguePage(ids, lots, after);
    return { ...page, lots: page.lots.map(({ lot }) => catalogueLot(lots.get(lot) as Lot)) };
  };
  return { ...real, catalogueLot, cataloguePage };
});

vi.mock('../../dms/intake/verify-stamp.ts', async (load) => {
  const real = await load<typeof import('../../dms/intake/verify-stamp.ts')>();
  const verifyStamp: typeof real.verifyStamp = async (signed, arrived, trust) => {
    if (!isPlanted('stamps of any age')) return real.verifyStamp(signed, arrived, trust);
    const { envelope, imprint } = signed;
    return (await trust.keyring.verifyTimestamp(envelope.timestamp, imprint, 0, undefined)) as FreshStamp;
  };
  return { ...real, verifyStamp };
});

vi.mock('../../dms/commit/request.ts', async (load) => {
  const real = await load<typeof import('../../dms/commit/request.ts')>();
  let closings = 0;
  const closingRequest: typeof real.closingRequest = (lot, evidence) => {
    const request = real.closingRequest(lot, evidence);
    closings += 1;
    return isPlanted('a lot closes twice') ? { ...request, id: `${request.id}:${closings}` } : request;
  };
  return { ...real, closingRequest };
});

vi.mock('../../dms/commit/house-state.ts', async (load) => {
  const real = await load<typeof import('../../dms/commit/house-state.ts')>();
  class Forgetful extends real.HouseState {
    #knownSince: number | undefined;

    override async catchUp(...how: Parameters<InstanceType<typeof real.HouseState>['catchUp']>): Promise<void> {
      await super.catchUp(...how);
      this.#knownSince ??= this.position;
    }

    override recorded(id: string): OriginalAnswer | undefined {
      const original = super.recorded(id);
      const isForgotten = (original?.answer.position ?? 0) <= (this.#knownSince ?? 0);
      return isPlanted('an id forgotten after a restart') && isForgotten ? undefined : original;
    }
  }
  return { ...real, HouseState: Forgetful };
});

vi.mock('../../dms/publication/letters.ts', async (load) => {
  const real = await load<typeof import('../../dms/publication/letters.ts')>();
  const lettersFor: typeof real.lettersFor = (before, event, after, position) => {
    const letters = real.lettersFor(before, event, after, position);
    if (isPlanted('withheld bids are never told') && event.type === 'lot-closed') return letters.slice(-1);
    if (isPlanted('the bidder in an announcement') && event.type === 'bid-placed')
      return letters.map((letter) => signed(letter, event.bidder));
    if (isPlanted('an envelope for the wrong party') && event.type === 'sale-disclosed') return swapped(letters);
    return letters;
  };
  return { ...real, lettersFor };
});

function signed(letter: Letter, bidder: Subject): Letter {
  if (!('announcement' in letter)) return letter;
  return { ...letter, announcement: Object.assign({ bidder }, letter.announcement) };
}

/** Each party gets the letter of the other one. */
function swapped(letters: readonly Letter[]): Letter[] {
  const owners = letters.map(({ to }) => to).reverse();
  return letters.map((letter, index) => ({ ...letter, to: owners[index]! }) as Letter);
}

/** Answers for a journal before that has anything on its disk. */
class HastyJournal {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  in(journal: Journal): Journal {
    const append = async (batch: readonly Entry[]): Promise<Outcome[]> => {
      const { position } = await journal.head();
      journal.append(batch).catch(() => undefined);
      return batch.map(({ expect }, index) => ({
        ok: true,
        position: (position + 1 + index) as Position,
        version: expect + 1,
      }));
    };
    this.#world.noteThat('hasty journals');
    return insteadOf(journal, { append });
  }
}

/** Keeps the bids of some ticks for the next one. */
class LateAnnouncer extends Announcer {
  #kept: Tick['bids'] = [];

  override flush(): Tick | undefined {
    const tick = super.flush();
    if (tick === undefined) return undefined;
    const isKept = this.position % 5 === 0;
    const bids = [...this.#kept, ...(isKept ? [] : tick.bids)];
    this.#kept = isKept ? tick.bids : [];
    return { ...tick, bids };
  }
}

/** Takes the receipt of one party for that of both. */
function careless(house: AuctionHouse): AuctionHouse {
  const acknowledge: AuctionHouse['acknowledge'] = async (subject, lot) => {
    const parties = [house.lots.get(lot)?.seller, house.lots.get(lot)?.closing?.winning?.bidder];
    const answer = await house.acknowledge(subject, lot);
    for (const party of parties) if (party !== undefined && party !== subject) await house.acknowledge(party, lot);
    return answer;
  };
  return insteadOf(house, { acknowledge });
}

findEach(planted, [
  {
    bug: 'broadcast before append',
    rule: /durable/,
    plant: { journal: (journal, world) => new HastyJournal(world).in(journal) },
  },
  { bug: 'tie decided by arrival', rule: /winner|fold|told|reason/ },
  { bug: 'closing without grace', rule: /grace|counts/ },
  { bug: 'an id forgotten after a restart', rule: /original|mistake|fold/ },
  { bug: 'off by one, too late', rule: /stamped at the closing or later/ },
  { bug: 'off by one, too early', rule: /reason/ },
  { bug: 'a closing without the withheld bids', rule: /winner|fold/ },
  { bug: 'a lot closes twice', rule: /closed once/ },
  { bug: 'withheld bids are never told', rule: /releases/ },
  { bug: 'an announcement out of order', rule: /in order/, plant: { announcer: (from) => new LateAnnouncer(from) } },
  { bug: 'the bidder in an announcement', rule: /no announcement holds a name/ },
  { bug: 'a withheld bid in the catalogue', rule: /catalogue shows/, from: 100 },
  { bug: 'stamps of any age', rule: /held back/, from: 100 },
  { bug: 'an envelope for the wrong party', rule: /nobody but the two/ },
  { bug: 'a lost envelope', rule: /end/, plant: { house: careless } },
]);

it('without a planted bug nothing is found', async () => {
  for (let seed = FIRST; seed < FIRST + 5; seed += 1) {
    const simulated = await simulate(`planted ${seed}`);
    expect(simulated.finding, explain(simulated)).toBeUndefined();
  }
});
