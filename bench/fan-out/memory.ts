/** What a connection costs the memory of a node: resident bytes with so many admitted sessions and without, beside Socket.IO alone. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ANNOUNCEMENT_TICK_MS } from '../../shared/wire/limits.ts';
import type { Bench, BenchSettings } from '../bench.ts';
import { usageOf } from '../process-usage.ts';
import { against, type Figure, judged } from '../report.ts';
import type { BareKind, Ticks } from './messages.ts';
import type { Place } from './sessions.ts';
import { Stage } from './stage.ts';

const SIZES = [1_000, 5_000];
const MAY_PASS_KB = 40;
const BYTES_PER_KB = 1_024;
const NAME = 'memory-per-connection';
/** Bids before anything is read off: what is left of the handshakes is garbage, and goes with what everyday work leaves. */
const BID_EVERY_MS = 10;
const SETTLE_MS = 8_000;
const BARE: readonly BareKind[] = ['socket-io', 'tls'];

/** Kilobytes per connection, for each number of connections. */
type Costs = readonly number[];

/** A server, and what happens on it before anything is read off. */
interface Measured {
  readonly place: Place;
  readonly pid: number;
  readonly settle: () => Promise<unknown>;
}

export const memoryPerConnection: Bench = {
  group: 'fan-out',
  figures: [NAME, `${NAME}-beside-socket-io`, `${NAME}-without-tls`],
  measure: async (settings) => {
    const costs = await onStage(settings, true);
    const [withoutTls] = await onStage(settings, false);
    return figuresOf(sizesFor(settings), costs as [Costs, Costs, Costs], withoutTls as Costs);
  },
};

/** Of the house and, where it has TLS, of the bare servers. */
async function onStage(settings: BenchSettings, hasTls: boolean): Promise<Costs[]> {
  const sizes = sizesFor(settings);
  const settleMs = SETTLE_MS * Math.min(1, settings.scale);
  let ticks: Ticks = [];
  await using closers = new AsyncDisposableStack();
  const folder = join(settings.folder, hasTls ? 'with-tls' : 'without-tls');
  await mkdir(folder, { mode: 0o700 });
  const stage = await Stage.build({ ...settings, folder }, { watchers: Math.max(...sizes), hasTls }, closers);
  const pid = stage.node.child.pid;
  const announce = async () => {
    ticks = (await stage.announce(BID_EVERY_MS, settleMs)).ticks;
  };
  const costs = [await costsOf(stage, { place: stage.house, pid, settle: announce }, sizes)];
  for (const kind of hasTls ? BARE : []) {
    const name = `memory-${kind}`;
    const place = await stage.bare(kind, name);
    const settle = () => stage.emit({ kind, ticks, pauseMs: ANNOUNCEMENT_TICK_MS }, name);
    costs.push(await costsOf(stage, { place, pid: stage.pidOf(name), settle }, sizes));
  }
  return costs;
}

async function costsOf({ team }: Stage, { place, pid, settle }: Measured, sizes: readonly number[]): Promise<Costs> {
  await settle();
  const before = usageOf(pid).residentBytes;
  const costs: number[] = [];
  for (const size of sizes) {
    await team.fill(place, size);
    await settle();
    costs.push((usageOf(pid).residentBytes - before) / size / BYTES_PER_KB);
  }
  await team.leave(place.kind);
  return costs;
}

function sizesFor({ scale }: BenchSettings): number[] {
  return SIZES.map((size) => Math.ceil(size * Math.min(1, scale)));
}

function figuresOf(
  sizes: readonly number[],
  [house, socketIo, tls]: [Costs, Costs, Costs],
  withoutTls: Costs,
): Figure[] {
  const told = (costs: Costs) => sizes.map((size, index) => `${costs[index]?.toFixed(1)} with ${size}`).join(', ');
  const last = (costs: Costs) => costs.at(-1) as number;
  const beside = (name: string, costs: Costs, yardstick: string, value: number) =>
    against({ name, unit: 'KB', value: last(costs) }, yardstick, value);
  return [
    judged(
      { ...beside(NAME, house, 'what may pass', MAY_PASS_KB), note: `${told(house)}; TLS sockets alone ${told(tls)}` },
      { atMost: 1 },
    ),
    judged({
      ...beside(`${NAME}-beside-socket-io`, house, 'Socket.IO, same frames', last(socketIo)),
      note: `Socket.IO alone ${told(socketIo)}`,
    }),
    judged({
      ...beside(`${NAME}-without-tls`, withoutTls, 'what may pass', MAY_PASS_KB),
      note: `${told(withoutTls)}; a proxy has the TLS then`,
    }),
  ];
}
