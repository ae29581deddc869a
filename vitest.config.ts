import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defineConfig } from 'vitest/config';

const UNIT_FOLDERS = ['shared', 'dms', 'trusted-service', 'client', 'start', 'vectors', 'docs'];
/** What starts a process, a server or a house is no unit. */
const STARTS =
  /node:child_process|@lydell\/node-pty|\/(test-server|test-node|(running|signing)-house|house-servers)\.ts'/;
/** Nor is what changes a module for itself, as units share theirs, … */
const OWN_MODULES = /\bvi\.(mock|hoisted)\(/;
/** … or tries every bit of a file. */
const EXHAUSTIVE = /flipped-bits|backup/;
const IMPORT = /from '(\.[^']+)'/g;

const known = new Map<string, boolean>();

/** Whether a file of the tests, or one that it imports, starts something. */
function starts(file: string): boolean {
  const before = known.get(file);
  if (before !== undefined) return before;
  known.set(file, false);
  const text = readFileSync(file, 'utf8');
  const imported = Array.from(text.matchAll(IMPORT), ([, path = '']) => join(dirname(file), path));
  const answer = STARTS.test(text) || imported.filter((path) => path.startsWith('test/')).some(starts);
  known.set(file, answer);
  return answer;
}

function isUnit(file: string): boolean {
  return !EXHAUSTIVE.test(file) && !OWN_MODULES.test(readFileSync(file, 'utf8')) && !starts(file);
}

const units = globSync(`test/{${UNIT_FOLDERS.join(',')}}/**/*.test.ts`).filter(isUnit);

const patience = {
  // Keys, TLS and real processes: a test may wait long on a busy machine, but none sleeps.
  testTimeout: 20_000,
  hookTimeout: 30_000,
};

export default defineConfig({
  test: {
    projects: [
      // They change nothing that outlives them, so that one reading of the modules does for all.
      { test: { ...patience, name: 'unit', include: units, isolate: false } },
      { test: { ...patience, name: 'whole', include: ['test/**/*.test.ts'], exclude: units } },
    ],
  },
});
