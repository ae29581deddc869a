/** Seller and winner can open each other's commitments, and nobody else any: over everything that anybody ever receives. */
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuctionClient } from '../../client/auction-client.ts';
import type { OpenedCommitment } from '../../client/proof/opening-book.ts';
import { ProofStore } from '../../client/proof/proof-store.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Opening } from '../../shared/wire/opening.ts';
import type { Amount, LotId } from '../../shared/wire/vocabulary.ts';
import { formsOf } from '../support/files-in.ts';
import type { HandParticipant } from '../support/hand-participant.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { type ListedLot, RunningHouse } from '../support/running-house.ts';
import { until } from '../support/until.ts';

/** What the house hands out instead of what it has. */
const lies = vi.hoisted(() => ({ open: (opening: unknown): unknown => opening }));
vi.mock('../../dms/proof/opening-desk.ts', async (original) => {
  const honest = await original<typeof import('../../dms/proof/opening-desk.ts')>();
  class OpeningDesk extends honest.OpeningDesk {
    override async open(...of: Parameters<InstanceType<typeof honest.OpeningDesk>['open']>): Promise<Opening> {
      return lies.open(await super.open(...of)) as Opening;
    }
  }
  return { ...honest, OpeningDesk };
});

let house: RunningHouse;
beforeAll(async () => {
  house = await RunningHouse.start();
});
afterAll(() => house.close());

/** The salt of every record, in the order of the journal. */
function salts(): Buffer[] {
  const database = new DatabaseSync(house.journalFile, { readOnly: true });
  const rows = database.prepare('SELECT salt FROM record ORDER BY position').all();
  database.close();
  return rows.map((row) => Buffer.from(row['salt'] as Uint8Array));
}

/** The positions of the records whose salt is in what this socket received, in whatever form. */
function saltsIn({ received }: RawSocket): number[] {
  const isThere = (salt: Buffer) => formsOf(salt).some((form) => received.includes(form.toString('latin1')));
  return salts().flatMap((salt, index) => (isThere(salt) ? [index + 1] : []));
}

describe('by hand', () => {
  const NAMES = ['sal', 'will', 'lou', 'eve'] as const;
  type Name = (typeof NAMES)[number];
  const people = {} as Record<Name, HandParticipant>;
  const sockets: { readonly of: Name; readonly socket: RawSocket }[] = [];
  let lot: ListedLot;
  let winningPosition: number;

  async function open(of: Name): Promise<RawSocket> {
    const socket = await house.rawSocket(people[of]);
    sockets.push({ of, socket });
    return socket;
  }
  const ask = (socket: RawSocket, id: LotId = lot.lot) => socket.ask('query', { type: 'opening', lot: id });
  const socketOf = (name: Name) => sockets.findLast(({ of }) => of === name)!.socket;

  beforeAll(async () => {
    for (const name of NAMES) people[name] = await house.participant(name);
    for (const name of NAMES) await open(name);
    lot = await house.list(people.sal, socketOf('sal'));
    await house.bid(people.lou, socketOf('lou'), lot, 110);
    winningPosition = (await house.bid(people.will, socketOf('will'), lot, 120)).position;
  });

  it('nobody gets an opening before the sale was disclosed', async () => {
    for (const { socket } of sockets) expect(await ask(socket)).toMatchObject({ code: 'notice-not-found' });
  });

  it('each party gets that of the other, and everybody else none', async () => {
    socketOf('will').close();
    await house.travelPastClosing(lot.terms.closesAt);
    await socketOf('sal').told('auction_closed');
    await open('will');
    const [bid, listing] = [await ask(socketOf('sal')), await ask(socketOf('will'))];
    expect(bid).toMatchObject({ outcome: 'accepted', opening: { position: winningPosition } });
    expect(bid.opening.salt).toBe(salts()[winningPosition - 1]!.toString('base64url'));
    expect(listing.opening.salt).toBe(salts()[bid.opening.position - 3]!.toString('base64url'));
    for (const name of ['lou', 'eve'] as const)
      expect(await ask(socketOf(name))).toEqual({ outcome: 'refused', code: 'notice-not-found' });
    expect(await ask(socketOf('sal'), people.sal.subject as string as LotId)).toMatchObject({ code: 'malformed' });
  });

  it('again after the acknowledgement and after a restart', async () => {
    const before = await ask(socketOf('sal'));
    expect(await socketOf('sal').ask('acknowledge', { lot: lot.lot })).toEqual({ outcome: 'accepted' });
    await house.restartDms();
    for (const name of NAMES) await open(name);
    expect(await ask(socketOf('sal'))).toEqual(before);
    expect(await ask(socketOf('lou'))).toMatchObject({ code: 'notice-not-found' });
  });

  it('no salt is in anything else that anybody received', () => {
    const had = sockets.flatMap(({ of, socket }) => saltsIn(socket).map((position) => `${of} ${position}`));
    // The search finds what is there.
    expect([...new Set(had)].sort()).toEqual([`sal ${winningPosition}`, `will ${winningPosition - 2}`]);
  });
});

describe('by the client', () => {
  const opened = new Map<string, OpenedCommitment[]>();
  const troubles: unknown[] = [];
  const enrolled = async (name: string): Promise<AuctionClient> => {
    const client = await house.enrolled(name);
    client.on('opened', (one) => opened.set(name, [...(opened.get(name) ?? []), one]));
    client.on('trouble', ({ error }) => troubles.push(error));
    return client;
  };
  const keptBy = (name: string) => new ProofStore(`${house.home}/client/${name}`).openings();

  /** One sale, from the listing to the disclosure at both. */
  async function sell(seller: AuctionClient, winner: AuctionClient): Promise<LotId> {
    const terms = house.terms();
    const listing = await seller.list(terms);
    if (listing.outcome !== 'accepted') throw new Error(listing.reason);
    expect(await winner.bid({ lot: listing.lot, amount: 120 as Amount })).toMatchObject({ outcome: 'accepted' });
    const sales = [seller.disclosures().next(), winner.disclosures().next()];
    await house.travelPastClosing(terms.closesAt);
    await Promise.all(sales);
    return listing.lot;
  }

  it('verifies and keeps it by itself', async () => {
    const [seller, winner] = [await enrolled('sam'), await enrolled('wendy')];
    const lot = await sell(seller, winner);
    await until('both openings', () => opened.has('sam') && opened.has('wendy'));
    expect(opened.get('sam')).toMatchObject([{ lot, role: 'seller', claims: { type: 'bid', amount: 120 } }]);
    expect(opened.get('wendy')).toMatchObject([{ lot, role: 'winner', claims: { type: 'list', title: 'Oak desk' } }]);
    const [kept] = await keptBy('sam');
    expect(kept).toMatchObject({ lot, role: 'seller', command: { statement: opened.get('sam')![0]!.statement } });
    expect(troubles).toEqual([]);
    await Promise.all([seller.close(), winner.close()]);
  });

  it('is not deceived by a house that opens something else; and asks again in the next run', async () => {
    const [seller, winner] = [await enrolled('sue'), await enrolled('walt')];
    lies.open = (opening) => ({ ...(opening as Opening), salt: Buffer.alloc(32, 7).toString('base64url') });
    const lot = await sell(seller, winner);
    await until('both refusals', () => troubles.length === 2);
    expect(troubles.map((error) => error instanceof ProtocolError && error.code)).toEqual(
      Array(2).fill('opening-invalid'),
    );
    expect([await keptBy('sue'), await keptBy('walt')]).toEqual([[], []]);
    // The sale itself is known all the same.
    expect(await seller.sales()).toMatchObject([{ counterparty: { username: 'walt' } }]);
    await Promise.all([seller.close(), winner.close()]);
    lies.open = (opening) => opening;
    const again = await enrolled('sue');
    await until('the opening', () => opened.has('sue'));
    expect(await keptBy('sue')).toMatchObject([{ lot, role: 'seller' }]);
    await again.close();
  });
});
