/** `npm run soak`: the whole house under load for as long as is wanted, with everything killed now and then. docs/SOAK.md. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RULES } from '../../bench/workload/audit/problem.ts';
import { systemBinaries } from '../support/postgres-server.ts';
import { parseOptions, USAGE } from './options.ts';
import { runSoak } from './run-soak.ts';

/** Of each rule so many problems are told in full. */
const MOST_TOLD = 5;

const say = (line: string) => void process.stdout.write(`${line}\n`);
const stop = new AbortController();
process.on('SIGINT', () => stop.abort());
process.on('SIGTERM', () => stop.abort());

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    say(USAGE);
    return 0;
  }
  const options = parseOptions(args, randomUUID, () => systemBinaries() !== undefined);
  const folder = mkdtempSync(join(tmpdir(), 'gavel-soak-'));
  const { problems, verdict, ...figures } = await runSoak({ ...options, folder, say, signal: stop.signal });
  say(verdict);
  say(`killed: ${[...figures.kills].map(([name, times]) => `${name} ${times}`).join(', ')}`);
  const { accepted, acknowledged, records, lots, sold, heard, harmed } = figures;
  say(
    `${accepted} accepted, ${acknowledged} acknowledged positions, ${records} records, ${lots} lots, ${sold} sold, ${heard} announcements heard, ${harmed} wrong commands answered`,
  );
  for (const [rule, found] of Map.groupBy(problems, (problem) => problem.rule)) {
    say(`DOES NOT HOLD: ${rule}, ${found.length} times. ${RULES[rule]}`);
    for (const { detail } of found.slice(0, MOST_TOLD)) say(`  ${detail}`);
  }
  if (problems.length === 0) {
    rmSync(folder, { recursive: true });
    say(`Everything holds. seed ${options.seed}`);
    return 0;
  }
  say(`The state is in ${folder}. Again with --seed ${options.seed}`);
  return 1;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  return 1;
});
