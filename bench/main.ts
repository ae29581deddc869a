/** `npm run bench`: measures, each figure beside its own yardstick, and prints a report. */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
import { shareOutCores } from './cores.ts';
import { recovery } from './recovery/recovery.ts';
import type { Figure, Report } from './report.ts';
import { formatReport } from './table.ts';
import { terminal } from './terminal/terminal.ts';
import { memory } from './timestamps/memory.ts';
import { stamping } from './timestamps/stamping.ts';

const BENCHES: readonly Bench[] = [stamping, memory, recovery, terminal];

const HELP = `npm run bench -- [NAME] [--json] [--only NAME] [--scale NUMBER] [--profile FOLDER]

  --json            print the report as JSON
  --only NAME       measure one figure, or those of one bench; NAME alone says the same
  --scale NUMBER    measure that many times as long as usual; less than 1 only shows that it works
  --profile FOLDER  have the servers write their CPU profiles there

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
const chosen = BENCHES.filter(({ name, figures, onDemand }) =>
  only === undefined ? !onDemand : name === only || figures.includes(only),
);
const scale = Number(options.scale);

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

async function measure(bench: Bench): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gavel-bench-'));
  const profile = options.profile === undefined ? undefined : resolve(options.profile);
  try {
    const figures = await bench.measure({ cores: shareOutCores(), folder, scale, profile, signal: interrupt.signal });
    return figures.filter(({ name }) => only === undefined || bench.name === only || name === only);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
