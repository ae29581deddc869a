/** Two lots with one title, a winner who is offline at the closing: each learns of the other party, and nobody else of either. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseJws } from '../../shared/crypto/jws.ts';
import { type AuctionClosed, Disclosure } from '../../shared/wire/announcements.ts';
import { formsOf } from '../support/files-in.ts';
import type { HandParticipant } from '../support/hand-participant.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { codeThrownBy } from '../support/refusal.ts';
import { type ListedLot, RunningHouse } from '../support/running-house.ts';
import { until } from '../support/until.ts';

const NAMES = ['seller-one', 'seller-two', 'winner-one', 'winner-two', 'loser'] as const;
type Name = (typeof NAMES)[number];

let house: RunningHouse;
const people = {} as Record<Name, HandParticipant>;
const sockets = {} as Record<Name, RawSocket>;
/** All sockets that there were, whose ever they are. */
const everySocket: { readonly of: Name; readonly socket: RawSocket }[] = [];
let lots: Record<'one' | 'two', ListedLot>;

const contactOf = (name: Name) => `${name}@auction.example`;

async function open(name: Name): Promise<RawSocket> {
  const socket = await house.rawSocket(people[name]);
  everySocket.push({ of: name, socket });
  return socket;
}

function disclosureIn(reader: Name, { envelope }: AuctionClosed): Disclosure {
  return parseJws(people[reader].open(envelope!), 'disclosure+jwt', Disclosure).claims;
}

function opens(reader: Name, notice: AuctionClosed): boolean {
  return codeThrownBy(() => disclosureIn(reader, notice)) === undefined;
}

/** Everything that would tell who somebody is, in all forms in which it could stand in a frame. */
function formsNaming(name: Name): string[] {
  const { subject, parsed } = people[name];
  const texts = [name, contactOf(name), subject, parsed.serialHex, parsed.sha256].map((text) => Buffer.from(text));
  return [...texts, Buffer.from(subject, 'base64url')].flatMap(formsOf).map((form) => form.toString('latin1'));
}

beforeAll(async () => {
  house = await RunningHouse.start();
  for (const name of NAMES) people[name] = await house.participant(name, contactOf(name));
  for (const name of NAMES) sockets[name] = await open(name);
  const closesAt = Math.round(house.now()) + 60_000;
  const list = (name: Name) => house.list(people[name], sockets[name], { title: 'Writing desk', closesAt });
  lots = { one: await list('seller-one'), two: await list('seller-two') };
  for (const [name, lot, amount] of [
    ['loser', lots.one, 110],
    ['winner-one', lots.one, 150],
    ['winner-two', lots.two, 120],
    ['loser', lots.two, 110],
    ['loser', lots.two, 119],
  ] as const) {
    await house.bid(people[name], sockets[name], lot, amount);
  }
});
afterAll(() => house.close());

describe('the closing of two lots with one title, one winner being offline', () => {
  // One socket of the loser that has not shown its key, and so may hear nothing at all.
  let unproven: RawSocket;

  beforeAll(async () => {
    sockets['winner-two'].close();
    unproven = await house.bareSocket(await people.loser.auth());
    everySocket.push({ of: 'loser', socket: unproven });
    await house.travelPastClosing(lots.one.terms.closesAt);
    for (const name of ['seller-one', 'seller-two', 'winner-one'] as const) await sockets[name].told('auction_closed');
    await sockets.loser.told('item_closed', 2);
  });

  it('tells each party who the other one is', () => {
    const expected = [
      ['seller-one', 'winner-one', lots.one, 'seller'],
      ['winner-one', 'seller-one', lots.one, 'winner'],
      ['seller-two', 'winner-two', lots.two, 'seller'],
    ] as const;
    for (const [reader, other, { lot }, role] of expected) {
      expect(sockets[reader].notices).toEqual([expect.objectContaining({ lot, role, outcome: 'sold' })]);
      const { username, contact, subject, certificate } = disclosureIn(reader, sockets[reader].notices[0]!);
      expect({ username, contact, subject, certificate }).toEqual({
        username: other,
        contact: contactOf(other),
        subject: people[other].subject,
        certificate: people[other].certificate,
      });
    }
  });

  it('sends the envelope of somebody who was offline when he is back, and to every connection of his', async () => {
    const [first, second] = [await open('winner-two'), await open('winner-two')];
    for (const socket of [first, second]) {
      const [notice] = await socket.told('auction_closed');
      expect(notice).toMatchObject({ lot: lots.two.lot, role: 'winner', hammerPrice: 120 });
      expect(disclosureIn('winner-two', notice).username).toBe('seller-two');
    }
    sockets['winner-two'] = first;
  });

  it('sends nobody an envelope that he could not open, and nobody could open that of another', () => {
    for (const { of, socket } of everySocket) {
      const readers = socket.notices.map((notice) => NAMES.filter((name) => opens(name, notice)));
      expect(readers).toEqual(socket.notices.map(() => [of]));
    }
    const ofTheLoser = everySocket.filter(({ of }) => of === 'loser').map(({ socket }) => socket.received);
    expect(ofTheLoser.join('')).not.toContain('auction_closed');
    expect(unproven.heard).toEqual([]);
  });

  it('lets no byte on any socket name anybody else', () => {
    for (const { of, socket } of everySocket) {
      const others = NAMES.filter((name) => name !== of);
      for (const form of others.flatMap(formsNaming)) {
        expect(socket.received.includes(form), `${form} in what ${of} received`).toBe(false);
      }
    }
    // The search would find them: everybody's own subject is in the offer, as base64url of JSON.
    expect(formsNaming('loser').some((form) => sockets.loser.received.includes(form))).toBe(true);
  });

  it('takes an acknowledgement from the parties alone', async () => {
    const { lot } = lots.one;
    for (const name of ['loser', 'seller-two', 'winner-two'] as const) {
      expect(await sockets[name].ask('acknowledge', { lot })).toMatchObject({ code: 'notice-not-found' });
    }
  });

  it('sends what was acknowledged no more, and the rest again, also after a restart', async () => {
    expect(await sockets['winner-one'].ask('acknowledge', { lot: lots.one.lot })).toEqual({ outcome: 'accepted' });
    const again = async (): Promise<Record<string, number>> => {
      const opened = await Promise.all(NAMES.map(async (name) => [name, await open(name)] as const));
      // Notices follow the answer to `prove` at once: a question that is answered after them shows that none came.
      await Promise.all(opened.map(([, socket]) => socket.ask('query', { type: 'myitems' })));
      return Object.fromEntries(opened.map(([name, { notices }]) => [name, notices.length]));
    };
    const expected = { 'seller-one': 1, 'seller-two': 1, 'winner-one': 0, 'winner-two': 1, loser: 0 };
    expect(await again()).toEqual(expected);
    await house.restartDms();
    expect(await again()).toEqual(expected);
    // To acknowledge twice does no harm, and is not recorded twice.
    const seller = everySocket.findLast(({ of }) => of === 'seller-one')!.socket;
    const positions = async () => (await seller.ask('query', { type: 'allitems' })).position;
    expect(await seller.ask('acknowledge', { lot: lots.one.lot })).toEqual({ outcome: 'accepted' });
    const position = await positions();
    expect(await seller.ask('acknowledge', { lot: lots.one.lot })).toEqual({ outcome: 'accepted' });
    expect(await positions()).toBe(position);
    expect(await again()).toEqual({ ...expected, 'seller-one': 0 });
  });
});

describe('a lot that nobody wanted', () => {
  it('is told to its seller alone, with nothing to open', async () => {
    const [seller, watcher] = [await open('seller-one'), await open('loser')];
    const lot = await house.list(people['seller-one'], seller);
    await house.travelPastClosing(lot.terms.closesAt);
    await until('the notice', () => seller.notices.some((notice) => notice.lot === lot.lot));
    const notice = seller.notices.find((one) => one.lot === lot.lot)!;
    expect(notice).toMatchObject({ role: 'seller', outcome: 'unsold' });
    expect(notice).not.toHaveProperty('envelope');
    await watcher.told('item_closed');
    await watcher.ask('query', { type: 'myitems' });
    expect(watcher.notices).toEqual([]);
  });
});
