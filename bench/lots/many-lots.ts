/** A house with 100 000 open lots, of which 10 000 close at the same instant, while somebody bids on others. */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { TrustedServiceClient } from '../../shared/http-client.ts';
import { verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { CLOSING_GRACE_MS } from '../../shared/wire/limits.ts';
import type { Bench, BenchSettings } from '../bench.ts';
import { against, type Figure, judged } from '../report.ts';
import { percentileMs } from '../statistics.ts';
import { verdictsOn } from './answers.ts';
import { fillOpenLots, journalFile } from './fill-lots.ts';
import { LotsHouse } from './lots-house.ts';
import type { Answered, BidsThrough } from './messages.ts';
import { NodeWatch } from './node-watch.ts';

const OPEN = 100_000;
const CLOSING = 10_000;
/** Two lots of three find a bidder. */
const SOLD = 2 / 3;
/** Lots that are bid on meanwhile, at this pace. */
const ELSEWHERE = 100;
const PER_SECOND = 200;
const BIDDERS = 8;
const WATCHERS = 42;
/** Until the first closing, and after the last one. */
const QUIET_MS = 10_000;
const AFTER_MS = 10_000;
/** The clock was set: everybody has seen it after this. */
const SETTLED_MS = 2_000;
const DAY_MS = 24 * 3_600_000;
/** All are listed within this. */
const LISTING_MS = 1_500_000;
/** In this everybody has come in again. */
const ENTER_MS = 15_000;
/** What is asked for: seconds for the closings, and how much slower a bid elsewhere may be. */
const [ASKED_S, ASKED_TIMES] = [2, 3];

export const manyLots: Bench = {
  group: 'lots',
  figures: [
    'closings-together',
    'closings-bids-elsewhere-p50',
    'closings-bids-elsewhere-p99',
    'disclosures-bids-elsewhere-p99',
  ],
  measure: (settings) => LotsHouse.during(settings, (house) => closeTogether(house, settings)),
};

async function closeTogether(house: LotsHouse, { scale, signal }: BenchSettings): Promise<Figure[]> {
  const [open, closing] = [OPEN, CLOSING].map((count) => Math.max(20, Math.round(count * scale))) as [number, number];
  const since = await fillOpenLots(house.homeOf(), open - closing, 1);
  const { url, child } = await house.openNode();
  const bidders = await house.invite('bidder', BIDDERS);
  const watchers = await house.invite('watcher', WATCHERS);
  for (const people of [bidders, watchers]) await people.ask({ type: 'enter', url, since });
  await bidders.ask({ type: 'list', lots: ELSEWHERE, closesAt: Math.floor(Date.now() + DAY_MS), bidOn: 0 });
  // Far enough away for all of them to be listed; the clock is then set to shortly before.
  const closesAt = Math.floor(Date.now() + LISTING_MS);
  await watchers.ask({ type: 'list', lots: closing, closesAt, bidOn: Math.round(closing * SOLD) });
  await setClock(house, closesAt - QUIET_MS - ENTER_MS);
  // Everything that was recorded has been announced; nobody wants a hundred thousand lots to be told to fifty people.
  const head = countOf(house, 'true');
  for (const people of [bidders, watchers]) await people.ask({ type: 'enter', url, since: head });
  signal.throwIfAborted();
  const dueAt = closesAt + CLOSING_GRACE_MS;
  const told = { perSecond: PER_SECOND, closings: closing, afterMs: AFTER_MS };
  const watch = new NodeWatch(child.pid);
  const seen = await bidders.ask<BidsThrough>({ type: 'bid-through', ...told });
  watch.stop();
  const used = (from: number, to: number) => watch.between(from - seen.aheadMs, to - seen.aheadMs);
  const what = `${closing} of ${open} lots at once, two thirds sold, ${countOf(house, "id LIKE 'disclosed:%'")} disclosed`;
  return figuresOf(seen, dueAt, [what, used(dueAt, seen.lastClosedAt)].join('; '));
}

async function setClock({ authority }: LotsHouse, time: number): Promise<void> {
  const { url: baseUrl, rootPem, operatorToken } = authority;
  const service = new TrustedServiceClient({ baseUrl, root: verifyRoot(rootPem), operatorToken });
  await service.setTime(time);
  await service.close();
  await pause(SETTLED_MS);
}

function figuresOf(
  { answered, firstClosedAt, lastClosedAt, busyShare }: BidsThrough,
  dueAt: number,
  what: string,
): Figure[] {
  const seconds = (lastClosedAt - dueAt) / 1_000;
  const first = Math.round(firstClosedAt - dueAt);
  const parts = {
    quiet: answered.filter(({ sentAt }) => sentAt < dueAt),
    closings: answered.filter(({ sentAt }) => sentAt >= dueAt && sentAt <= lastClosedAt),
    disclosures: answered.filter(({ sentAt }) => sentAt > lastClosedAt),
  };
  const load = `${PER_SECOND} bids/s of ${BIDDERS}, whose process is busy ${Math.round(busyShare * 100)} %`;
  const beside = (name: string, part: readonly Answered[], share: number): Figure => {
    const measured = { name, value: percentileMs(part, share), unit: 'ms' };
    const note = `${part.length} bids beside ${parts.quiet.length}; ${load}; ${verdictsOn(part)}`;
    const figure = { ...against(measured, 'before the closings', percentileMs(parts.quiet, share)), note };
    return judged(figure, share > 0.9 ? { atMost: ASKED_TIMES } : {});
  };
  const closings = {
    ...against({ name: 'closings-together', value: seconds, unit: 's' }, 'what may pass', ASKED_S),
    note: `${what}; from the closing and 3 s to the last announcement, the first came after ${first} ms`,
  };
  return [
    judged(closings, { atMost: 1 }),
    beside('closings-bids-elsewhere-p50', parts.closings, 0.5),
    beside('closings-bids-elsewhere-p99', parts.closings, 0.99),
    beside('disclosures-bids-elsewhere-p99', parts.disclosures, 0.99),
  ];
}

/** How many such records the node's journal has by now. */
function countOf(house: LotsHouse, condition: string): number {
  const database = new DatabaseSync(journalFile(house.homeOf()), { readOnly: true });
  const row = database.prepare(`SELECT count(*) AS count FROM record WHERE ${condition}`).get();
  database.close();
  return Number(row?.['count']);
}
