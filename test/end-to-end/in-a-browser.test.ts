/** A browser could import the client: its bundle knows no module of Node, and takes part in an auction where there is no Node. */
import { isBuiltin } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as KeyStores from '../../client/identity/key-store.ts';
import type * as Sdk from '../../client/sdk.ts';
import { RunningHouse } from '../support/running-house.ts';
import { soon, until } from '../support/until.ts';
import { bundleForBrowsers, type WebBundle, webWorld } from '../support/web-bundle.ts';

let house: RunningHouse;
let bundle: WebBundle;
let world: ReturnType<typeof webWorld>;
let gavel: typeof Sdk & typeof KeyStores;
beforeAll(async () => {
  [bundle, house] = await Promise.all([bundleForBrowsers(), RunningHouse.start()]);
  world = webWorld(house.root.pem);
  gavel = world.run(`${bundle.code}\ngavel`) as typeof gavel;
});
afterAll(async () => {
  await house.close();
  await world.close();
});

async function enter(username: string): Promise<Sdk.AuctionClient> {
  const { serviceUrl: trustedServiceUrl, dmsUrl } = house;
  const store = await gavel.KeyStore.open(`memory:${username}`);
  const root = `sha256:${house.root.sha256}`;
  return gavel.AuctionClient.connect({ store, root, trustedServiceUrl, dmsUrl, username });
}

describe('the bundle for browsers', () => {
  it('has no module of Node in it, and asks for none', () => {
    const { inputs, outputs } = bundle.metafile;
    const asked = [...Object.values(inputs), ...Object.values(outputs)].flatMap(({ imports }) => imports);
    expect(asked.map(({ path }) => path).filter((path) => isBuiltin(path))).toEqual([]);
    expect(asked.filter(({ external }) => external)).toEqual([]);
    expect(Object.keys(inputs).filter((path) => path.includes('/platform/node/'))).toEqual([]);
    expect(Object.keys(inputs)).toContain('shared/platform/web/p256.ts');
    expect(Object.keys(inputs).length).toBeGreaterThan(100);
  });

  it('can not be made of what needs Node: the test would notice', async () => {
    await expect(bundleForBrowsers(`export * from './client/identity/private-files.ts'`)).rejects.toThrow(
      /Could not resolve "node:/,
    );
  });

  it('runs where nothing of Node is', () => {
    const missing = ['process', 'Buffer', 'require', 'module', 'global', 'setImmediate', '__dirname'];
    expect(missing.filter((name) => world.run(`typeof ${name}`) !== 'undefined')).toEqual([]);
  });
});

describe('a participant without Node', () => {
  it('enrols, lists, bids, hears, wins, and learns who the seller is', { timeout: 60_000 }, async () => {
    const [seller, bidder] = await Promise.all([enter('sam'), enter('bea')]);
    const announcements = bidder.announcements();
    const sales = bidder.disclosures();
    const terms = gavel.LotTerms.parse(house.terms());
    const listing = await seller.list(terms);
    expect(listing).toMatchObject({ outcome: 'accepted', number: 1, position: 1 });
    expect(await bidder.bid({ lot: 1, amount: gavel.Amount.parse(120) })).toMatchObject({ outcome: 'accepted' });
    expect(await bidder.bid({ lot: 1, amount: gavel.Amount.parse(120) })).toMatchObject({ outcome: 'rejected' });
    const first = await soon('the listing', announcements.next());
    const second = await soon('the bid', announcements.next());
    expect([first.value?.event, second.value]).toMatchObject(['someone_listed', { event: 'someone_bid', amount: 120 }]);
    // A participant with Node, of the same house, hears the same.
    const cal = await house.enrolled('cal');
    await until('the same', () => cal.model.lots.get(bidder.model.lots.keys().next().value!)?.leading?.amount === 120);
    await house.travelPastClosing(terms.closesAt);
    const sale = await soon('the sale', sales.next());
    expect(sale.value).toMatchObject({
      notice: { role: 'winner', hammerPrice: 120 },
      counterparty: { username: 'sam' },
    });
    await Promise.all([seller.close(), bidder.close()]);
  });

  it('comes back to its home', async () => {
    const bea = await enter('bea');
    expect(await bea.sales()).toHaveLength(1);
    await bea.close();
  });

  it('gets errors of the tree, and trusts no other root', async () => {
    const { serviceUrl: trustedServiceUrl, dmsUrl } = house;
    const connect = async (root: string, username: string, home: string) =>
      gavel.AuctionClient.connect({
        store: await gavel.KeyStore.open(home),
        root,
        trustedServiceUrl,
        dmsUrl,
        username,
      });
    const thrown = await connect(`sha256:${'0'.repeat(64)}`, 'eve', 'memory:eve').catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(gavel.TrustError);
    const taken = await connect(`sha256:${house.root.sha256}`, 'Sam', 'memory:eve').catch((error: unknown) => error);
    expect(taken).toMatchObject({ kind: 'rejected', code: 'username-taken' });
    const file = await connect('/root.pem', 'eve', 'memory:eva').catch((error: unknown) => error);
    expect(gavel.errorKindOf(file)).toBe('trust');
  });
});
