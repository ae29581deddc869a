/** `npm run bench`: measures, each figure beside its own yardstick, and prints a report. */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
import { pipeline } from './commands/pipeline.ts';
import { shareOutCores } from './cores.ts';
import { fanOut } from './fan-out/fan-out.ts';
import { memoryPerConnection } from './fan-out/memory.ts';
import { floods } from './floods/floods.ts';
import { appends } from './journal/appends.ts';
import { firstBid } from './lots/first-bid.ts';
import { hotLot } from './lots/hot-lot.ts';
import { manyLots } from './lots/many-lots.ts';
import { memoryOfLots } from './lots/memory.ts';
import { besideEarlier } from './pipeline/beside-earlier.ts';
import { bidding } from './pipeline/bidding.ts';
import { recovery } from './recovery/recovery.ts';
import type { Figure, Report } from './report.ts';
import { formatReport } from './table.ts';
import { terminal } from './terminal/terminal.ts';
import { memory } from './timestamps/memory.ts';
import { stamping } from './timestamps/stamping.ts';
import { workloads } from './workload/workload.ts';

const BENCHES: readonly Bench[] = [
  stamping,
  memory,
  bidding,
  besideEarlier,
  fanOut,
  memoryPerConnection,
  floods,
  firstBid,
  hotLot,
  manyLots,
  memoryOfLots,
  appends,
  pipeline,
  recovery,
  terminal,
  ...workloads,
];

const HELP = `npm run bench -- [NAME] [--json] [--only NAME] [--scale NUMBER] [--profile FOLDER]

  --json            print the report as JSON
  --only NAME       or NAME alone: measure one figure, all whose names begin so (commands), or a group: ${[...new Set(BENCHES.map(({ group }) => group))].join(', ')}
  --scale NUMBER    measure that many times as long as usual; less than 1 only shows that it works
  --profile FOLDER  have the servers write their CPU profiles there

GAVEL_BENCH_PG_URL names the PostgreSQL server for figures that need one; without it, one is started from the system's binaries.

figures:
${BENCHES.flatMap(({ figures, onDemand }) => figures.map((name) => `  ${name}${onDemand ? '  (only with --only)' : ''}`)).join('\n')}
`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    scale: { type: 'string', default: '1' },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const only = options.only ?? positionals[0];
const isExact = BENCHES.some(({ figures }) => figures.includes(only ?? ''));
const chosen = BENCHES.filter((bench) =>
  only === undefined ? !bench.onDemand : bench.figures.some((name) => isWanted(bench, name)),
);
const scale = Number(options.scale);

const postgresUrl = process.env['GAVEL_BENCH_PG_URL'] || undefined;
// What is measured is what everybody gets, whatever this shell is set up for.
for (const name of Object.keys(process.env)) if (name.startsWith('GAVEL_')) delete process.env[name];
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interrupt.abort());

if (options.help) {
  process.stdout.write(HELP);
} else if (chosen.length === 0 || !(scale > 0)) {
  process.stderr.write(HELP);
  process.exitCode = 2;
} else {
  const report: Report = { machine: { cores: availableParallelism(), node: process.version }, figures: [] };
  for (const bench of chosen) report.figures.push(...(await measure(bench)));
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : formatReport(report));
}

/** By its own name, by its group's, or by a beginning that is no figure's own name. */
function isWanted({ group }: Bench, name: string): boolean {
  return only === undefined || only === group || only === name || (!isExact && name.startsWith(`${only}-`));
}

async function measure(bench: Bench): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gavel-bench-'));
  const profile = options.profile === undefined ? undefined : resolve(options.profile);
  try {
    const figures = await bench.measure({
      ...{ cores: shareOutCores(), folder, scale, profile, postgresUrl },
      ...{ env: process.env, signal: interrupt.signal, isWanted: (name: string) => isWanted(bench, name) },
    });
    return figures.filter(({ name }) => isWanted(bench, name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
