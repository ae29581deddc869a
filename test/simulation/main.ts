/** `npm run simulate -- --seed N`: plays one seed and says what came of it; without a seed, fresh ones for some minutes. */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { explain, summarize } from './report.ts';
import { simulate } from './simulate.ts';

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
const until = performance.now() + minutes * 60_000;
const results = [];
do {
  const seed = values.seed ?? randomBytes(4).toString('hex');
  const simulated = await simulate(seed, values.trace ? { print } : {});
  results.push(simulated);
  if (simulated.finding !== undefined) {
    print(explain(simulated));
    process.exitCode = 1;
  }
} while (values.seed === undefined && performance.now() < until);
print(summarize(results));
const { user, system } = process.cpuUsage();
const auctions = results.reduce((sum, one) => sum + one.auctions, 0);
print(`${Math.round(auctions / ((user + system) / 60e6))} auctions in a minute of one core`);
