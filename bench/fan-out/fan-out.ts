/** How fast what is announced reaches everybody, beside Socket.IO alone and beside bytes written to sockets. */
import { ANNOUNCEMENT_TICK_MS } from '../../shared/wire/limits.ts';
import type { Bench, BenchSettings } from '../bench.ts';
import { compared, type Figure, judged } from '../report.ts';
import { median } from '../statistics.ts';
import type { BareKind, SeenTick } from './messages.ts';
import { Stage } from './stage.ts';
import { FRAMES_PER_TICK } from './watched.ts';
import type { AllSeen } from './watcher-team.ts';

const SIZES = [1_000, 5_000];
const ROUNDS = 8;
/** A hundred bids a second: four or five in a frame. */
const BID_EVERY_MS = 10;
const BID_FOR_MS = 1_500;
const AT_LEAST = 0.8;
const BARE: readonly BareKind[] = ['socket-io', 'tls', 'tcp'];

/** One round: what the watchers of one server saw of the same ticks. */
interface Delivery {
  /** While a tick is on its way to them, from its first arrival to its last: the median of all ticks. */
  readonly framesPerSecond: number;
  readonly eventsPerFrame: number;
  readonly cpuMicrosPerFrame: number;
  readonly frameBytes: number;
}
type Deliveries = Record<'house' | BareKind, Delivery[]>;

export const fanOut: Bench = {
  group: 'fan-out',
  figures: SIZES.flatMap((size) => [`fan-out-${size}`, `fan-out-${size}-cpu`, `fan-out-${size}-beside-tcp`]),
  measure: async (settings) => {
    await using closers = new AsyncDisposableStack();
    const stage = await Stage.build(settings, { watchers: Math.max(...SIZES), hasTls: true }, closers);
    const figures: Figure[] = [];
    for (const size of SIZES)
      figures.push(...(await measure(stage, Math.ceil(size * Math.min(1, settings.scale)), size, settings)));
    return figures;
  },
};

async function measure(
  stage: Stage,
  watchers: number,
  size: number,
  { scale, signal }: BenchSettings,
): Promise<Figure[]> {
  await stage.team.fill(stage.house, watchers);
  for (const kind of BARE) await stage.team.fill(await stage.bare(kind), watchers);
  const all: Deliveries = { house: [], 'socket-io': [], tls: [], tcp: [] };
  for (let round = 0; round <= Math.max(1, ROUNDS * scale) && !signal.aborted; round += 1) await takeTurns(stage, all);
  // The first round warms up.
  for (const list of Object.values(all)) list.shift();
  return figuresOf(size, watchers, all);
}

/** The house tells of bids; then the same frames go by the other ways, with the same pauses. */
async function takeTurns(stage: Stage, all: Deliveries): Promise<void> {
  const { team } = stage;
  const { heard, ticks, cpuSeconds: housesOwn } = await stage.announce(BID_EVERY_MS, BID_FOR_MS);
  all.house.push(deliveryOf(heard, housesOwn));
  for (const kind of BARE) {
    await team.clear(kind);
    const { cpuSeconds } = await stage.emit({ kind, ticks, pauseMs: ANNOUNCEMENT_TICK_MS });
    const seen = await team.seen(kind);
    if (seen.texts.join() !== heard.texts.join()) throw new Error(`${kind} sent other frames than the house`);
    all[kind].push(deliveryOf(seen, cpuSeconds));
  }
}

function deliveryOf({ ticks, texts, bytes }: AllSeen, cpuSeconds: number): Delivery {
  const frames = ticks.reduce((sum, tick) => sum + tick.frames, 0);
  // Those of bids; checkpoints are told with them.
  const events = texts
    .filter((_, index) => index % FRAMES_PER_TICK === 0)
    .reduce((sum, text) => sum + eventsIn(text), 0);
  return {
    framesPerSecond: median(ticks.map(perSecond)),
    eventsPerFrame: events / texts.length,
    cpuMicrosPerFrame: (cpuSeconds / frames) * 1e6,
    frameBytes: bytes / frames,
  };
}

function perSecond({ firstAt, lastAt, frames }: SeenTick): number {
  return (frames / (lastAt - firstAt)) * 1_000;
}

/** `42["someone_bid",[…]]` */
function eventsIn(text: string): number {
  const [, events] = JSON.parse(text.slice(2)) as [string, unknown[]];
  return events.length;
}

function figuresOf(size: number, watchers: number, all: Deliveries): Figure[] {
  const rate = (list: readonly Delivery[]) => list.map((one) => one.framesPerSecond * one.eventsPerFrame);
  const cost = (list: readonly Delivery[]) => list.map((one) => one.cpuMicrosPerFrame);
  const of = (pick: (one: Delivery) => number) => median(all.house.map(pick));
  const frames = (list: readonly Delivery[]) =>
    `${Math.round(median(list.map((one) => one.framesPerSecond)))} frames/s`;
  const name = `fan-out-${size}`;
  const against = (suffix: string, unit: string, pick: typeof rate, kind: BareKind, yardstick: string) =>
    compared({
      ...{ name: `${name}${suffix}`, unit, values: pick(all.house) },
      ...{ yardstick, besides: pick(all[kind]) },
    });
  const beside = against('', 'events/s', rate, 'socket-io', 'Socket.IO, same frames');
  const cpu = against('-cpu', 'µs/frame', cost, 'socket-io', 'Socket.IO, same frames');
  const tcp = against('-beside-tcp', 'events/s', rate, 'tls', 'TLS sockets, same bytes');
  const load = `${watchers} watchers, ${of((one) => one.frameBytes).toFixed(0)} B in a frame, ${of((one) => one.eventsPerFrame).toFixed(1)} events`;
  return [
    judged(
      { ...beside, note: `${beside.note}; ${load}; ${frames(all.house)} beside ${frames(all['socket-io'])}` },
      { atLeast: AT_LEAST },
    ),
    judged({ ...cpu, note: `${cpu.note}; of the server's processor time, bids and all` }),
    judged({ ...tcp, note: `${tcp.note}; ${frames(all.tls)} with TLS, ${frames(all.tcp)} without` }),
  ];
}
