/** The people of the bench of many lots, in a house that runs. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { enrolAll } from '../../bench/commands/enrol-all.ts';
import { verdictsOn } from '../../bench/lots/answers.ts';
import { Hall } from '../../bench/lots/hall.ts';
import type { OpenedAccess } from '../../client/open-access.ts';
import { CLOSING_GRACE_MS } from '../../shared/wire/limits.ts';
import { RunningHouse } from '../support/running-house.ts';

const LIMIT_MS = 30_000;
const HOUR_MS = 3_600_000;

let running: RunningHouse;
let people: OpenedAccess[];
beforeAll(async () => {
  running = await RunningHouse.start();
  const { root, serviceUrl: trustedServiceUrl, home: folder } = running;
  const usernames = ['hall-0', 'hall-1', 'hall-2', 'hall-3'];
  people = await enrolAll({ folder: join(folder, 'people'), trustedServiceUrl, rootPem: root.pem, usernames });
}, 2 * LIMIT_MS);
afterAll(async () => {
  for (const { api } of people) await api.close();
  await running.close();
});

const inAnHour = () => Math.round(running.now() + HOUR_MS);

async function hallOf(some: readonly OpenedAccess[]): Promise<Hall> {
  const hall = new Hall(some);
  await hall.enter(running.dmsUrl);
  return hall;
}

it('has every bid answered, on one lot as on several', { timeout: LIMIT_MS }, async () => {
  const hall = await hallOf(people);
  for (const lots of [1, 3]) {
    await hall.list(lots, inAnHour(), lots);
    const { answered, elapsedMs } = await hall.bid(12, 1);
    expect(verdictsOn(answered)).toBe('12 of 12 accepted');
    expect(elapsedMs).toBeGreaterThan(Math.max(...answered.map(({ ms }) => ms)));
  }
});

it('says why a bid was not accepted', { timeout: LIMIT_MS }, async () => {
  const hall = await hallOf(people);
  const closesAt = inAnHour();
  await hall.list(1, closesAt, 1);
  await running.travelPastClosing(closesAt);
  await hall.enter(running.dmsUrl);
  expect(verdictsOn((await hall.bid(1, 1)).answered)).toMatch(/^0 of 1 accepted, 1 [a-z-]+$/);
});

it('bids until the lots of others have closed, and says when it heard of that', { timeout: LIMIT_MS }, async () => {
  const [bidders, sellers] = [await hallOf(people.slice(0, 2)), await hallOf(people.slice(2))];
  await bidders.list(2, inAnHour(), 0);
  const closesAt = Math.round(running.now()) + 60_000;
  await sellers.list(3, closesAt, 2);
  await running.travelTo(closesAt);
  for (const hall of [bidders, sellers]) await hall.enter(running.dmsUrl);
  const { answered, firstClosedAt, lastClosedAt } = await bidders.bidThrough(20, 3, 200);
  const dueAt = closesAt + CLOSING_GRACE_MS;
  expect(firstClosedAt).toBeGreaterThanOrEqual(dueAt - 100);
  expect(lastClosedAt).toBeGreaterThanOrEqual(firstClosedAt);
  expect(answered.some(({ sentAt }) => sentAt < dueAt)).toBe(true);
  expect(answered.some(({ sentAt }) => sentAt > lastClosedAt)).toBe(true);
  expect(verdictsOn(answered)).toBe(`${answered.length} of ${answered.length} accepted`);
});
