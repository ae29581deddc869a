/** Honest bidders beside those who flood: how long their bids wait for an answer, with and without. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Bench, BenchSettings } from '../bench.ts';
import { Child } from '../child.ts';
import { startAuthority, startNode } from '../commands/houses.ts';
import { type FloodCores, shareOutFloodCores } from '../cores.ts';
import { mainThreadOf, usageOf } from '../process-usage.ts';
import { against, type Figure, judged } from '../report.ts';
import { percentileMs } from '../statistics.ts';
import {
  type Attack,
  type FloodAnswer,
  type Flooding,
  type FloodQuestion,
  type HonestAnswer,
  type HonestBid,
  type HonestQuestion,
  KINDS,
  NOT_STAMPED,
  SPREADS,
} from './messages.ts';

const CONNECTIONS = [1, 10, 100, 400];
const BIDDERS = 40;
const LOTS = 40;
const BIDS_PER_SECOND = 150;
/** Who was thrown out stays out for a while, and comes fresh into the next flood but two: two teams take turns, and each single one floods once. */
const TEAM = 50;
/** A moment without a flood, before each; the flood; and until everybody who flooded is gone. */
const [QUIET_MS, FLOOD_MS, GONE_MS] = [1_300, 9_000, 400];
/** What a flood may do to the honest: this many times as long. */
const MOST = 2;
const WARM_UP_MS = 3_000;
/**
 * The honest have one core. A garbage collection there stops them for 20 to 30 ms by Node's defaults, which would be all of their p99, with a flood and
 * without; young garbage in small pieces takes 2 ms, and old garbage is left where it is.
 */
const SHORT_PAUSES = [
  '--single-threaded-gc',
  '--initial-heap-size=1000',
  '--min-semi-space-size=2',
  '--max-semi-space-size=2',
];
/** The last bids of a window are answered within this, or never. */
const LAST_ANSWERS_MS = 10_500;

const ATTACKS: readonly Attack[] = KINDS.flatMap((kind) =>
  SPREADS.flatMap((spread) => CONNECTIONS.map((connections) => ({ kind, connections, spread }))),
);

/** What one flood was like. Times are milliseconds since 1970. */
interface Window {
  readonly attack: Attack;
  readonly quietFrom: number;
  readonly from: number;
  readonly to: number;
  readonly flooding: Flooding;
  readonly shares: Shares;
}

/** Parts of one core that were used in the course of a flood, or waited for. */
interface Shares {
  readonly loop: number;
  readonly loopWaited: number;
  readonly house: number;
  readonly flooders: number;
  readonly honestWaited: number;
}

export const floods: Bench = {
  group: 'floods',
  figures: ATTACKS.map(nameOf),
  measure,
};

function nameOf({ kind, connections, spread }: Attack): string {
  return `flood-${kind}-${connections}-${spread}`;
}

class Parties {
  readonly node: Child;
  readonly flooder: Child;
  readonly honest: Child;

  constructor(node: Child, honest: Child, flooder: Child) {
    this.node = node;
    this.honest = honest;
    this.flooder = flooder;
  }

  honestly<Answer extends HonestAnswer>(question: HonestQuestion): Promise<Answer> {
    return this.honest.ask<HonestQuestion, Answer>(question);
  }

  hostilely<Answer extends FloodAnswer>(question: FloodQuestion): Promise<Answer> {
    return this.flooder.ask<FloodQuestion, Answer>(question);
  }
}

async function measure(settings: BenchSettings): Promise<Figure[]> {
  await using closers = new AsyncDisposableStack();
  const cores = shareOutFloodCores();
  const parties = await gather(settings, cores, closers);
  await parties.honestly({ type: 'bid', perSecond: BIDS_PER_SECOND });
  await pause(WARM_UP_MS);
  const chosen = ATTACKS.filter((attack) => settings.isWanted(nameOf(attack)));
  const windows: Window[] = [];
  for (const attack of chosen) {
    if (settings.signal.aborted) break;
    windows.push(await flood(parties, attack, windows.length, Math.min(1, settings.scale)));
  }
  await pause(LAST_ANSWERS_MS * Math.min(1, settings.scale));
  const { bids } = await parties.honestly<{ bids: HonestBid[] }>({ type: 'collect' });
  return windows.map((window) => figureOf(window, windows, bids, cores));
}

/** Everybody is enrolled and in place when it resolves. */
async function gather(settings: BenchSettings, cores: FloodCores, closers: AsyncDisposableStack): Promise<Parties> {
  const env = { ...settings.env, GAVEL_ENROLMENTS_PER_ADDRESS: '1000' };
  const authority = await startAuthority({ ...settings, env });
  closers.defer(() => authority.child.stop());
  const { folder, signal } = settings;
  const node = await startNode('dms', settings, authority, { process: { pinning: cores.server } });
  closers.defer(() => node.child.stop());
  const start = (name: string, pinning: FloodCores['honest'], nodeOptions: readonly string[] = []) => {
    const file = fileURLToPath(new URL(name, import.meta.url));
    const child = new Child({ pinning, nodeOptions, file, env, signal });
    closers.defer(() => child.stop());
    return child;
  };
  const honest = start('./honest.ts', cores.honest, SHORT_PAUSES);
  const parties = new Parties(node.child, honest, start('./flooder.ts', cores.flooder));
  const home = join(folder, 'people');
  await mkdir(home, { mode: 0o700 });
  const { url: trustedServiceUrl, rootPem } = authority;
  const enrolment = { folder: home, trustedServiceUrl, rootPem };
  await parties.honestly({ type: 'enrol', ...enrolment, people: BIDDERS });
  await parties.hostilely({ type: 'enrol', ...enrolment, people: 2 * TEAM + ATTACKS.length });
  const place = { url: node.url, rootPem };
  const entered = await parties.honestly<HonestAnswer & { house: string }>({ type: 'enter', ...place, lots: LOTS });
  if (!('lots' in entered)) throw new Error('nothing is on offer');
  await parties.hostilely({ type: 'aim', ...place, house: entered.house, lots: entered.lots });
  return parties;
}

async function flood(parties: Parties, attack: Attack, index: number, scale: number): Promise<Window> {
  const first = attack.spread === 'one' ? 2 * TEAM + index : (index % 2) * TEAM;
  await parties.hostilely({ type: 'prepare', ...attack, first, people: attack.spread === 'one' ? 1 : TEAM });
  const quietFrom = Date.now();
  await pause(QUIET_MS * scale);
  const [before, from] = [usedBy(parties), Date.now()];
  const flooding = await parties.hostilely<Flooding>({ type: 'flood', ms: FLOOD_MS * scale });
  const [after, to] = [usedBy(parties), Date.now()];
  const share = (part: keyof Shares) => ((after[part] - before[part]) * 1_000) / (to - from);
  const shares = {
    ...{ loop: share('loop'), loopWaited: share('loopWaited'), house: share('house') },
    ...{ flooders: share('flooders'), honestWaited: share('honestWaited') },
  };
  await pause(GONE_MS * scale);
  return { attack, quietFrom, from, to, flooding, shares };
}

/** In seconds, so far. */
function usedBy({ node, honest, flooder }: Parties): Shares {
  const loop = mainThreadOf(node.pid);
  return {
    ...{ loop: loop.cpuSeconds, loopWaited: loop.waitedSeconds, house: usageOf(node.pid).cpuSeconds },
    ...{ flooders: usageOf(flooder.pid).cpuSeconds, honestWaited: mainThreadOf(honest.pid).waitedSeconds },
  };
}

/** Beside each flood stand the quiet moments before all floods of the run: those of one kind alone have too few bids for a p99. */
function figureOf(window: Window, windows: readonly Window[], bids: readonly HonestBid[], cores: FloodCores): Figure {
  const { attack, from, to } = window;
  const left = bids.filter(({ outcome }) => outcome !== NOT_STAMPED);
  const within = left.filter(({ at }) => at >= from && at < to);
  const without = left.filter(({ at }) => windows.some((other) => at >= other.quietFrom && at < other.from));
  const [value, beside] = [percentileMs(within, 0.99), percentileMs(without, 0.99)];
  const measured = against({ name: nameOf(attack), value, unit: 'ms' }, 'no flood', beside);
  const notes = [
    `p50 ${percentileMs(within, 0.5).toFixed(1)} ms beside ${percentileMs(without, 0.5).toFixed(1)}`,
    `${within.length} bids beside ${without.length}, ${outcomesOf(within)}`,
    told(window),
    cores.pinned ? 'everybody on cores of their own' : 'nothing pinned',
  ];
  return judged({ ...measured, note: notes.join('; ') }, { atMost: MOST });
}

function told({ flooding, shares }: Window): string {
  const { attempts, entered, sent, answers, ends } = flooding;
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, count]) => ` ${name} ${count}`)
      .join(',') || ' none';
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  const { loop, loopWaited, house, flooders, honestWaited } = shares;
  return [
    `${attempts} attempts, ${entered} entered, ${sent} frames, answers:${list(answers)}, ends:${list(ends)}`,
    `event loop ${percent(loop)}, house ${percent(house)}, flooders ${percent(flooders)} of a core`,
    `waited for a core: event loop ${percent(loopWaited)}, honest ${percent(honestWaited)} of the time`,
  ].join('; ');
}

function outcomesOf(bids: readonly HonestBid[]): string {
  const counts = Map.groupBy(bids, ({ outcome }) => outcome);
  return Array.from(counts, ([outcome, list]) => `${list.length} ${outcome}`).join(', ');
}
