import { beforeEach, describe, expect, it } from 'vitest';
import { AuctionHouse } from '../../dms/auction-house.ts';
import { ClosingMonitor } from '../../dms/closing-monitor.ts';
import { MemoryJournal } from '../../dms/journal/memory-journal.ts';
import { createLog } from '../../dms/log.ts';
import { CLOSING_GRACE_MS } from '../../shared/wire/limits.ts';
import type { LotId } from '../../shared/wire/vocabulary.ts';
import { createTestAdmission, type TestAdmission } from '../support/admission.ts';
import { createTestService, type TestService, unreachable } from '../support/house.ts';
import { sampleTerms } from '../support/participant.ts';
import { refusalOf } from '../support/refusal.ts';
import { TEST_HOUSE } from '../support/test-authority.ts';
import { until } from '../support/until.ts';
import { bid, listing, newSalt } from './house-fixture.ts';

let service: TestService;
let admission: TestAdmission;
let journal: MemoryJournal;
let house: AuctionHouse;
let monitor: ClosingMonitor;
let sold: LotId[];
/** Commands that a closing has to wait for. */
let underWay: Promise<void>;

async function open(): Promise<void> {
  const late: { monitor?: ClosingMonitor } = {};
  house = await AuctionHouse.open({ journal, newSalt, publish: (letters) => late.monitor?.hear(letters) });
  monitor = new ClosingMonitor({
    ...{ house, time: admission.time, log: createLog({ write: () => {} }) },
    settled: () => underWay,
    onSold: (lot) => sold.push(lot),
  });
  late.monitor = monitor;
}

beforeEach(async () => {
  service = await createTestService();
  admission = await createTestAdmission(service);
  journal = new MemoryJournal(TEST_HOUSE);
  sold = [];
  underWay = Promise.resolve();
  await open();
});

const now = () => service.now();
const statusOf = (lot: LotId) => house.lots.get(lot)?.status;

async function listed(inMs: number, changes: object = {}) {
  const submission = await listing({ at: now(), terms: { ...sampleTerms(now(), inMs), ...changes } });
  await house.submit(...submission);
  const [{ id, terms }] = submission;
  return { lot: id as string as LotId, terms, submission };
}

async function placed({ submission }: Awaited<ReturnType<typeof listed>>, amount: number, at = now()) {
  return house.submit(...(await bid(submission, { at, amount })));
}

describe('closing', () => {
  it.each([
    [-1, 'open'],
    [0, 'sold'],
    [1, 'sold'],
  ])('%i ms from the end of the grace: %s', async (by, status) => {
    const one = await listed(60_000);
    await placed(one, 10_000);
    service.clock.advance(one.terms.closesAt + CLOSING_GRACE_MS + by - now());
    await monitor.closeDue();
    expect(statusOf(one.lot)).toBe(status);
    expect(sold).toEqual(status === 'sold' ? [one.lot] : []);
  });

  it('asks for no signed time while nothing is due', async () => {
    await listed(60_000);
    const { time } = service.calls;
    await monitor.closeDue();
    expect(service.calls.time).toBe(time);
  });

  it('closes everything that is due by one signed time, and tells of the sold lots', async () => {
    const lots = await Promise.all([listed(60_000), listed(60_000), listed(61_000), listed(120_000)]);
    await placed(lots[1]!, 10_000);
    service.clock.advance(70_000);
    const { time } = service.calls;
    await monitor.closeDue();
    expect(lots.map(({ lot }) => statusOf(lot))).toEqual(['unsold', 'sold', 'unsold', 'open']);
    expect(sold).toEqual([lots[1]!.lot]);
    expect(service.calls.time).toBe(time + 1);
  });

  it('believes the signed time and not the time that it carries on itself', async () => {
    const one = await listed(60_000);
    // This machine's monotonic clock runs ahead of the authority's.
    service.clock.mono += 70_000;
    await monitor.closeDue();
    expect(statusOf(one.lot)).toBe('open');
  });

  it('waits for commands that have arrived', async () => {
    const one = await listed(60_000);
    service.clock.advance(59_000);
    const arrival = now();
    service.clock.advance(70_000);
    const gate = Promise.withResolvers<void>();
    underWay = gate.promise;
    const closing = monitor.closeDue();
    await until('the signed time', () => admission.time.now() === now() && service.calls.time === 2);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect((await placed(one, 10_000, arrival)).outcome).toBe('accepted');
    expect(statusOf(one.lot)).toBe('open');
    gate.resolve();
    await closing;
    expect(statusOf(one.lot)).toBe('sold');
  });

  it('leaves a lot open whose closing a bid has moved', async () => {
    const extension = { window: 10_000, by: 30_000, until: now() + 600_000 };
    const one = await listed(60_000, { extension });
    service.clock.advance(55_000);
    await placed(one, 10_000);
    service.clock.advance(10_000);
    await monitor.closeDue();
    expect(statusOf(one.lot)).toBe('open');
    service.clock.advance(30_000);
    await monitor.closeDue();
    expect(statusOf(one.lot)).toBe('sold');
  });

  it('closes after a restart what fell due while nobody was here', async () => {
    const one = await listed(60_000);
    await placed(one, 10_000);
    await house.stop();
    service.clock.advance(4 * 60_000);
    await admission.time.sync();
    await open();
    await monitor.closeDue();
    expect(statusOf(one.lot)).toBe('sold');
    expect(sold).toEqual([one.lot]);
  });

  it('closes nothing while the Trusted Service is away, and everything when it is back', async () => {
    const one = await listed(60_000);
    service.clock.advance(70_000);
    service.trouble = unreachable();
    expect(await refusalOf(monitor.closeDue())).toBe('trusted-service-unreachable');
    expect(statusOf(one.lot)).toBe('open');
    service.trouble = undefined;
    await monitor.closeDue();
    expect(statusOf(one.lot)).toBe('unsold');
  });

  it('does nothing while the trusted time is unknown', async () => {
    await listed(60_000);
    service.clock.advance(6 * 60_000);
    const { time } = service.calls;
    await monitor.closeDue();
    expect(service.calls.time).toBe(time);
  });

  it('closes a crowd of lots in groups, so that a bid elsewhere need not wait for all of them', async () => {
    const other = await listed(600_000);
    const lots: LotId[] = [];
    for (let made = 0; made < 300; made += 1) lots.push((await listed(60_000)).lot);
    service.clock.advance(70_000);
    const closing = monitor.closeDue();
    await until('the first closing', () => lots.some((lot) => statusOf(lot) !== 'open'));
    expect((await placed(other, 10_000)).outcome).toBe('accepted');
    expect(lots.some((lot) => statusOf(lot) === 'open')).toBe(true);
    await closing;
    expect(new Set(lots.map(statusOf))).toEqual(new Set(['unsold']));
  });

  it('has the next group ready while one is recorded, and tells what was sold in each, whatever the other met', async () => {
    const lots: LotId[] = [];
    for (let made = 0; made < 300; made += 1) {
      const one = await listed(60_000);
      if (made === 299) await placed(one, 10_000);
      lots.push(one.lot);
    }
    service.clock.advance(70_000);
    const close = house.close.bind(house);
    let [waiting, most] = [0, 0];
    house.close = async (lot, ...by) => {
      waiting += 1;
      most = Math.max(most, waiting);
      const isRefused = lot === lots[0];
      const answer = isRefused ? ({ outcome: 'refused', code: 'journal-unavailable' } as const) : close(lot, ...by);
      return Promise.resolve(answer).finally(() => {
        waiting -= 1;
      });
    };
    expect(await refusalOf(monitor.closeDue())).toBe('journal-unavailable');
    expect(most).toBe(96);
    expect(lots.filter((lot) => statusOf(lot) === 'open')).toEqual([lots[0]]);
    expect(sold).toEqual([lots[299]]);
  });

  it('tries again what the house refuses to close, and says no more than that', async () => {
    const lots = await Promise.all([listed(60_000), listed(60_000)]);
    service.clock.advance(70_000);
    const close = house.close.bind(house);
    let refused = 0;
    house.close = async (lot, ...by) => {
      if (lot !== lots[0]!.lot || refused > 0) return close(lot, ...by);
      refused += 1;
      return { outcome: 'refused', code: 'journal-unavailable' };
    };
    expect(await refusalOf(monitor.closeDue())).toBe('journal-unavailable');
    expect(lots.map(({ lot }) => statusOf(lot))).toEqual(['open', 'unsold']);
    await monitor.closeDue();
    expect(lots.map(({ lot }) => statusOf(lot))).toEqual(['unsold', 'unsold']);
  });

  it('records the closing once, however often it is asked for', async () => {
    const one = await listed(60_000);
    service.clock.advance(70_000);
    await Promise.all([monitor.closeDue(), monitor.closeDue()]);
    await monitor.closeDue();
    expect([statusOf(one.lot), house.position]).toEqual(['unsold', 2]);
  });
});
