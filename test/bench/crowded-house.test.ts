/** The bidders of the bench, in a house that runs: what the rules allow is accepted, what they do not is counted by its reason. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CrowdedHouse } from '../../bench/commands/crowded-house.ts';
import { enrolAll } from '../../bench/commands/enrol-all.ts';
import { verdicts } from '../../bench/commands/verdicts.ts';
import type { OpenedAccess } from '../../client/open-access.ts';
import { RunningHouse } from '../support/running-house.ts';

const LIMIT_MS = 30_000;

let running: RunningHouse;
let everybody: OpenedAccess[];
beforeAll(async () => {
  running = await RunningHouse.start();
  const { root, serviceUrl: trustedServiceUrl, home: folder } = running;
  const usernames = ['bidder-0', 'bidder-1', 'bidder-2', 'bidder-3'];
  everybody = await enrolAll({ folder: join(folder, 'people'), trustedServiceUrl, rootPem: root.pem, usernames });
}, LIMIT_MS);
afterAll(async () => {
  for (const { api } of everybody) await api.close();
  await running.close();
});

async function crowd(lots: number): Promise<CrowdedHouse> {
  const house = await CrowdedHouse.join(everybody, [running.dmsUrl]);
  await house.list(lots);
  return house;
}

describe('a crowded house', () => {
  it('has every bid accepted, however many lots are bid on at once', async () => {
    const house = await crowd(4);
    const first = await house.bid(40);
    const second = await house.bid(8);
    expect([first.accepted, first.others, second.accepted, second.others]).toEqual([40, {}, 8, {}]);
    expect(first.answeredMs).toHaveLength(40);
  });

  it('counts from the moment a bid leaves, and hears of each where it was sent', async () => {
    const house = await crowd(1);
    const { announcedMs, announcedHereMs, answeredMs, others } = await house.bidAlone(3);
    expect(others).toEqual({});
    // One node: the next one is the same.
    expect(announcedMs).toEqual(announcedHereMs);
    expect(answeredMs.every((ms) => ms > 0)).toBe(true);
    expect(announcedMs).toHaveLength(3);
  });

  it('says why a bid was not accepted', async () => {
    const house = await crowd(1);
    const [{ lot, terms }] = house.lots as [{ lot: string; terms: string }];
    const rival = await running.participant('rival');
    const socket = await running.rawSocket(rival);
    const claims = { type: 'bid', lot, terms, amount: 4 };
    expect((await running.command(rival, socket, claims)).outcome).toBe('accepted');
    const bidding = await house.bid(5);
    // 1, 2 and 3 are less than 4, 4 is the tie that came later; 5 leads.
    expect(bidding.others).toEqual({ 'bid-below-increment': 3, 'tie-lost': 1 });
    expect(verdicts([bidding, bidding])).toBe('2 of 10 accepted, 6 bid-below-increment, 2 tie-lost');
  });
});
