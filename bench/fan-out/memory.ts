/** What a connection costs the memory of a node: resident bytes with so many admitted sessions and without, beside Socket.IO alone. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { usageOf } from '../process-usage.ts';
import { type Figure, judged } from '../report.ts';
import type { BareKind } from './messages.ts';
import type { Place } from './sessions.ts';
import { Stage } from './stage.ts';

const SIZES = [1_000, 5_000];
const MAY_PASS_KB = 40;
const BYTES_PER_KB = 1_024;
/** Bids meanwhile: what is left of the handshakes is garbage, and goes with what everyday work leaves. */
const BID_EVERY_MS = 10;
const SETTLE_MS = 8_000;
const BARE: readonly BareKind[] = ['socket-io', 'tls'];

/** Kilobytes per connection, for each number of connections. */
type Costs = readonly number[];

export const memoryPerConnection: Bench = {
  group: 'fan-out',
  figures: ['memory-per-connection', 'memory-per-connection-beside-socket-io'],
  measure: async (settings) => {
    const sizes = SIZES.map((size) => Math.ceil(size * Math.min(1, settings.scale)));
    const settleMs = SETTLE_MS * Math.min(1, settings.scale);
    const stage = await Stage.build(settings, Math.max(...sizes));
    try {
      const settle = () => stage.bid(BID_EVERY_MS, settleMs);
      const house = await costsOf(stage, stage.house, stage.node.child.pid, sizes, settle);
      const bare: Costs[] = [];
      for (const kind of BARE) {
        const place = await stage.bare(kind, `memory-${kind}`);
        bare.push(await costsOf(stage, place, stage.pidOf(`memory-${kind}`) as number, sizes, () => pause(settleMs)));
      }
      return figuresOf(sizes, house, bare as [Costs, Costs]);
    } finally {
      await stage.close();
    }
  },
};

async function costsOf(
  { team }: Stage,
  place: Place,
  pid: number,
  sizes: readonly number[],
  settle: () => Promise<unknown>,
): Promise<Costs> {
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

function figuresOf(sizes: readonly number[], house: Costs, [socketIo, tls]: [Costs, Costs]): Figure[] {
  const told = (costs: Costs) => sizes.map((size, index) => `${costs[index]?.toFixed(1)} with ${size}`).join(', ');
  const [name, value, beside] = ['memory-per-connection', house.at(-1), socketIo.at(-1)] as [string, number, number];
  const figure = { name, value, unit: 'KB' };
  return [
    judged(
      {
        ...{ ...figure, beside: { name: 'what may pass', value: MAY_PASS_KB }, ratio: value / MAY_PASS_KB },
        note: `resident; ${told(house)}; TLS sockets alone ${told(tls)}`,
      },
      { atMost: 1 },
    ),
    judged({
      ...{ ...figure, name: `${name}-beside-socket-io`, beside: { name: 'Socket.IO alone', value: beside } },
      ...{ ratio: value / beside, note: `Socket.IO alone ${told(socketIo)}` },
    }),
  ];
}
