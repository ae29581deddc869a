/** Who gets which salt: over random auctions, everything that is published, and everybody asking for everything. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryJournal } from '../../../dms/journal/memory-journal.ts';
import { OpeningDesk } from '../../../dms/proof/opening-desk.ts';
import { encodeBase64url } from '../../../shared/bytes.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import type { LotId, Position, Subject } from '../../../shared/wire/vocabulary.ts';
import { refusalOf } from '../../support/refusal.ts';
import { bid, closingAt, HOUSE, listing, lotOf, openHouse, StagedJournal, subjectOf } from '../house-fixture.ts';

const PEOPLE = ['ann', 'ben', 'cay', 'dee'];

interface Sale {
  readonly lot: LotId;
  readonly seller: string;
  readonly bids: readonly { readonly who: string; readonly position: Position }[];
  readonly listedAt: Position;
  readonly isDisclosed: boolean;
}

const person = fc.constantFrom(...PEOPLE);
const plans = fc.array(
  fc.record({ seller: person, bidders: fc.array(person, { maxLength: 4 }), disclose: fc.boolean() }),
  { minLength: 1, maxLength: 4 },
);

async function hold(
  plan: { seller: string; bidders: readonly string[]; disclose: boolean },
  scene: Scene,
): Promise<Sale> {
  const { house } = scene;
  const desk = await listing({ who: plan.seller });
  const listed = await house.submit(...desk);
  const bids: { who: string; position: Position }[] = [];
  for (const [index, who] of plan.bidders.entries()) {
    const answer = await house.submit(...(await bid(desk, { who, amount: 100 + 10 * index })));
    if (answer.outcome === 'accepted') bids.push({ who, position: answer.position });
  }
  const lot = lotOf(desk);
  await house.close(lot, await closingAt(20_000));
  const isDisclosed = plan.disclose && bids.length > 0;
  if (isDisclosed) await house.recordDisclosure(lot, { seller: 'to-seller', winner: 'to-winner' });
  if (listed.outcome !== 'accepted') throw new Error('a listing is accepted');
  return { lot, seller: plan.seller, bids, listedAt: listed.position, isDisclosed };
}

type Scene = Awaited<ReturnType<typeof openHouse>> & { readonly journal: MemoryJournal };

async function open(): Promise<Scene> {
  const journal = new MemoryJournal(HOUSE);
  return { journal, ...(await openHouse(journal)) };
}

/** Whose record at which position each may open, by a rule of three lines. */
function mayOpen(sale: Sale, who: string): Position | undefined {
  if (!sale.isDisclosed) return undefined;
  if (who === sale.seller) return sale.bids.at(-1)?.position;
  return who === sale.bids.at(-1)?.who ? sale.listedAt : undefined;
}

/** The salt that somebody gets, or the code of the refusal. */
async function saltFor(desk: OpeningDesk, who: string, lot: LotId): Promise<string | undefined> {
  const asked = desk.open(subjectOf(who), lot);
  return (await refusalOf(asked)) ?? (await asked).salt;
}

describe('the opening of a record', () => {
  it('is for the other party of a disclosed sale, and no salt leaves in any other way', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const scene = await open();
        const sales: Sale[] = [];
        for (const one of plan) sales.push(await hold(one, scene));
        const records = await scene.journal.read(0 as Position, 1_000);
        const saltAt = (position: number) => encodeBase64url(records[position - 1]!.record.salt);
        const letters = JSON.stringify(scene.published);
        expect(records.filter(({ position }) => letters.includes(saltAt(position)))).toEqual([]);
        const desk = new OpeningDesk(scene);
        const everybody = sales.flatMap((sale) => PEOPLE.map((who) => ({ sale, who })));
        const got = await Promise.all(everybody.map(({ sale, who }) => saltFor(desk, who, sale.lot)));
        const may = everybody.map(({ sale, who }) => mayOpen(sale, who));
        expect(got).toEqual(may.map((position) => (position ? saltAt(position) : 'notice-not-found')));
      }),
      { numRuns: 25 },
    );
  });

  it('is given by a node that has not heard of the disclosure yet', async () => {
    const scene = await open();
    class Shared extends StagedJournal {
      readonly isShared = true;
    }
    const shared = new Shared(scene.journal);
    shared.open = () => scene.journal.head();
    const late = await openHouse(shared);
    const sale = await hold({ seller: 'ann', bidders: ['ben'], disclose: true }, scene);
    const desk = new OpeningDesk({ house: late.house, journal: shared });
    expect(await desk.open(subjectOf('ben'), sale.lot)).toMatchObject({ position: sale.listedAt });
    expect(await refusalOf(desk.open('stranger' as Subject, sale.lot))).toBe('notice-not-found');
    shared.read = async () => {
      throw new ProtocolError('journal-unavailable');
    };
    expect(await refusalOf(desk.open(subjectOf('ben'), sale.lot))).toBe('journal-unavailable');
  });
});
