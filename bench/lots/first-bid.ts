/** A restart, as an operator knows it: how long nobody can bid. From the start of the process to the answer to a bid. */
import { fileURLToPath } from 'node:url';
import type { Bench } from '../bench.ts';
import { freePort } from '../free-port.ts';
import { machineNow } from '../machine-now.ts';
import { against, type Figure, judged } from '../report.ts';
import { median } from '../statistics.ts';
import { LotsHouse } from './lots-house.ts';
import type { Bids, FirstBid } from './messages.ts';
import { lookAt } from './node-watch.ts';

const ROUNDS = 10;
const LOTS = 20;
const BIDS = 200;
const HOUR_MS = 3_600_000;
/** What is asked for, in seconds. */
const ASKED = 1.5;
/** As `npm run gavel` starts it: what Node makes of the sources is kept. */
const GAVEL = fileURLToPath(new URL('../../gavel.mjs', import.meta.url));

export const firstBid: Bench = {
  group: 'lots',
  figures: ['start-to-first-bid'],
  measure: (settings) =>
    LotsHouse.during(settings, async (house): Promise<Figure[]> => {
      const port = await freePort();
      const start = () => house.openNode({ port, process: { file: GAVEL } });
      let node = await start();
      const { url } = node;
      const people = await house.invite('bidder', 3);
      await people.ask({ type: 'enter', url });
      await people.ask({ type: 'list', lots: LOTS, closesAt: Date.now() + HOUR_MS, bidOn: LOTS });
      await people.ask<Bids>({ type: 'bid', count: BIDS, underWay: LOTS });
      const [listening, accepted, ran, waited]: [number[], number[], number[], number[]] = [[], [], [], []];
      // The first one warms up: the file cache, and what Node keeps of the sources.
      for (let round = 0; round <= Math.max(1, ROUNDS * settings.scale) && !settings.signal.aborted; round += 1) {
        await node.child.stop();
        const waiting = people.ask<FirstBid>({ type: 'first-bid', url });
        const began = machineNow();
        node = await start();
        listening.push(machineNow() - began);
        const first = await waiting;
        accepted.push(first.answeredAt - began);
        const { mainMs, waitedMs } = lookAt(node.child.pid);
        ran.push(mainMs);
        waited.push(waitedMs);
      }
      return [figureOf(...([listening, accepted, ran, waited].map((all) => all.slice(1)) as Times))];
    }),
};

type Times = [listening: number[], accepted: number[], ran: number[], waited: number[]];

function figureOf(...[listening, accepted, ran, waited]: Times): Figure {
  const value = median(accepted) / 1_000;
  const spread = [Math.min(...accepted), Math.max(...accepted)].map((ms) => (ms / 1_000).toFixed(2)).join(' to ');
  const note = `${accepted.length} restarts, ${spread} s; it listens after ${inSeconds(listening)} s; its main thread works for ${inSeconds(ran)} s and has no core for ${inSeconds(waited)} s; somebody knocks every 20 ms; ${LOTS} lots, ${BIDS + LOTS} bids`;
  const figure = against({ name: 'start-to-first-bid', value, unit: 's' }, 'what may pass', ASKED);
  return judged({ ...figure, note }, { atMost: 1 });
}

function inSeconds(times: readonly number[]): string {
  return (median(times) / 1_000).toFixed(2);
}
