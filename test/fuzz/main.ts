/** `npm run fuzz`: the same targets as in CI, with as many cases as somebody has time for; what came of them, as a table. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeCorpus } from './make-corpus.ts';
import { fuzz } from './run-target.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    only: { type: 'string' },
    seed: { type: 'string' },
    path: { type: 'string' },
    'new-corpus': { type: 'boolean', default: false },
  },
});

if (values['new-corpus']) {
  writeFileSync(join(import.meta.dirname, 'corpus.json'), `${JSON.stringify(await makeCorpus(), undefined, 1)}\n`);
} else {
  // They read the corpus.
  const { TARGETS } = await import('./targets.ts');
  for (const target of TARGETS.filter(({ name }) => values.only === undefined || values.only === name)) {
    const { seed, path } = values;
    const [began, busy] = [performance.now(), process.cpuUsage()];
    const { seed: used, verdicts } = await fuzz(target, {
      cases: Number(values.cases),
      ...(seed === undefined ? {} : { seed: Number(seed) }),
      ...(path === undefined ? {} : { path }),
    });
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    const { user, system } = process.cpuUsage(busy);
    const cpu = ((user + system) / 1e6).toFixed(1);
    const counts = [...verdicts]
      .toSorted((left, right) => right[1] - left[1])
      .map(([name, count]) => `${name} ${count}`);
    process.stdout.write(
      `${target.name}: ${values.cases} cases, ${seconds} s (processor ${cpu} s), seed ${used}: ${counts.join(', ')}\n`,
    );
  }
}
