import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuctionClient } from '../../client/auction-client.ts';
import type { Sale } from '../../client/notice-desk.ts';
import { standing } from '../../client/store/select.ts';
import type { Announcement } from '../../shared/wire/announcements.ts';
import type { Amount } from '../../shared/wire/vocabulary.ts';
import { RunningHouse } from '../support/running-house.ts';
import { soon, until } from '../support/until.ts';

let house: RunningHouse;
beforeAll(async () => {
  house = await RunningHouse.start();
});
afterAll(() => house.close());

const amount = (value: number) => value as Amount;
const nextSale = async (client: AuctionClient): Promise<Sale | undefined> => (await client.disclosures().next()).value;

describe('one auction, from enrolment to disclosure', () => {
  it('is won by the highest bid; seller and winner meet, and the loser learns nothing', async () => {
    const [seller, winner, loser] = await Promise.all(
      ['sam', 'wendy', 'larry'].map((name) => house.enrolled(name, { contact: `${name}@example.org` })),
    );
    const heard: Announcement[] = [];
    loser!.on('announcement', (announcement) => heard.push(announcement));
    const loserSales: Sale[] = [];
    loser!.on('auction-closed', (sale) => loserSales.push(sale));
    const terms = house.terms();
    const listing = await seller!.list(terms);
    expect(listing).toMatchObject({ outcome: 'accepted', position: 1, number: 1 });
    const lot = listing.outcome === 'accepted' ? listing.lot : undefined;
    expect(await loser!.bid({ lot: 1, amount: amount(120) })).toMatchObject({ outcome: 'accepted', position: 2 });
    expect(await winner!.bid({ lot: lot!, amount: amount(150) })).toMatchObject({ outcome: 'accepted', position: 3 });
    expect(await loser!.bid({ lot: 1, amount: amount(150) })).toMatchObject({ outcome: 'rejected' });
    expect(await seller!.bid({ lot: 1, amount: amount(200) })).toMatchObject({ reason: 'bidder-is-seller' });
    await until('the announcements', () => loser!.position === 3 && winner!.position === 3);
    expect(standing(loser!.model.lots.get(lot!)!)).toBe('outbid');
    expect(standing(winner!.model.lots.get(lot!)!)).toBe('leading');
    expect(await seller!.myItems()).toMatchObject({ lots: [{ number: 1, leadingAmount: 150 }] });
    expect((await winner!.myItems()).lots).toEqual([]);

    const sales = [nextSale(seller!), nextSale(winner!)];
    await house.travelPastClosing(terms.closesAt);
    const [sold, bought] = await soon('both disclosures', Promise.all(sales));
    expect(sold).toMatchObject({
      notice: { role: 'seller', outcome: 'sold', hammerPrice: 150 },
      counterparty: { role: 'winner', username: 'wendy', contact: 'wendy@example.org', subject: winner!.subject },
    });
    expect(bought).toMatchObject({
      notice: { role: 'winner', outcome: 'sold' },
      counterparty: { role: 'seller', username: 'sam', subject: seller!.subject },
    });
    await until('the closing', () => loser!.model.lots.get(lot!)?.status === 'sold');
    expect(standing(loser!.model.lots.get(lot!)!)).toBe('lost');
    expect(loserSales).toEqual([]);
    expect(heard.map(({ event }) => event)).toEqual(['someone_listed', 'someone_bid', 'someone_bid', 'item_closed']);
    expect(JSON.stringify(heard)).not.toMatch(new RegExp([seller, winner, loser].map((one) => one!.subject).join('|')));
    expect(await seller!.sales()).toEqual([sold]);
    expect(house.failures).toEqual([]);
  });
});
