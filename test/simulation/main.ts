/** `npm run simulate -- --seed N`: plays one seed and says what came of it; without a seed, fresh ones for some minutes, on all cores. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { explain, summarize } from './report.ts';
import { type Simulated, simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    minutes: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
  },
});

const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error('--minutes takes a number above 0');
const print = (line: string) => void process.stdout.write(`${line}\n`);
const results: Simulated[] = [];
const began = performance.now();
if (values.seed === undefined) await Promise.all(Array.from({ length: availableParallelism() }, playFresh));
else take(await simulate(values.seed, values.trace ? { print } : {}));
print(summarize(results));
const auctions = results.reduce((sum, one) => sum + one.auctions, 0);
const { user, system } = process.cpuUsage();
const [inAll, ofOneCore] = [(performance.now() - began) / 60_000, (user + system) / 60e6];
print(
  `${Math.round(auctions / inAll)} auctions in a minute, ${Math.round(auctions / ofOneCore)} in a minute of one core`,
);

function take(simulated: Simulated): void {
  results.push(simulated);
  if (simulated.finding === undefined) return;
  print(explain(simulated));
  process.exitCode = 1;
}

async function playFresh(): Promise<void> {
  const player = new Worker(new URL('player.ts', import.meta.url), { workerData: { minutes } });
  player.on('message', take);
  await once(player, 'exit');
}
