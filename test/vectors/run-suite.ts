/** Runs a suite of public vectors against one of our functions and tells its two kinds of failure apart. */
import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { ProtocolError } from '../../shared/errors.ts';
import { InvariantViolation } from '../../shared/invariant.ts';
import explainedRefusals from './explained.json' with { type: 'json' };

/** One vector. `check` refuses by a `ProtocolError` or an invariant; what else it throws is a failed test. */
export interface VectorCase {
  readonly id: number | string;
  readonly comment: string;
  readonly valid: boolean;
  readonly check: () => unknown;
}

/** What became of a suite. */
export interface SuiteResult {
  readonly passed: number;
  /** The valid cases that were refused, each for a reason in `explained.json`. */
  readonly explained: readonly (number | string)[];
}

type Outcome = 'passed' | 'accepted-invalid' | 'refused-valid';

/** Reason → the ids of the valid cases that we refuse for it; by suite. */
const EXPLAINED: Readonly<Record<string, Readonly<Record<string, readonly (number | string)[]>>>> = explainedRefusals;

/** Runs all cases, prints a line, and fails as README.md says. `notOurs` is the number of cases that were left out. */
export async function runSuite(name: string, cases: readonly VectorCase[], notOurs = 0): Promise<SuiteResult> {
  const outcomes = await Promise.all(cases.map(async (vector) => ({ vector, outcome: await outcomeOf(vector) })));
  const of = (wanted: Outcome) => outcomes.filter(({ outcome }) => outcome === wanted).map(({ vector }) => vector);
  const ids = (vectors: readonly VectorCase[]) => vectors.map(({ id }) => id);

  const explained = Object.values(EXPLAINED[name] ?? {}).flat();
  const refusedValid = of('refused-valid');
  const unexplained = refusedValid.filter(({ id }) => !explained.includes(id));
  const report = {
    'accepted-invalid': of('accepted-invalid').map(describeCase),
    'refused-valid': unexplained.map(describeCase),
    'explained but not refused': explained.filter((id) => !ids(refusedValid).includes(id)),
  };
  process.stdout.write(
    `${name}: ${cases.length} run, ${notOurs} not ours, accepted-invalid ${report['accepted-invalid'].length}, ` +
      `refused-valid ${unexplained.length} (and ${refusedValid.length - unexplained.length} explained)\n`,
  );

  expect(report).toEqual({ 'accepted-invalid': [], 'refused-valid': [], 'explained but not refused': [] });
  expect(cases.filter(({ valid }) => valid).length).toBeGreaterThan(explained.length);
  return { passed: of('passed').length, explained: ids(refusedValid) };
}

async function outcomeOf({ valid, check }: VectorCase): Promise<Outcome> {
  try {
    await check();
    return valid ? 'passed' : 'accepted-invalid';
  } catch (error) {
    if (!(error instanceof ProtocolError || error instanceof InvariantViolation)) throw error;
    return valid ? 'refused-valid' : 'passed';
  }
}

function describeCase({ id, comment }: VectorCase): string {
  return `${id}: ${comment}`;
}

/** A file of vectors, beside this one. */
export async function loadVectors<Vectors>(path: string): Promise<Vectors> {
  return JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8')) as Vectors;
}

/** Bytes in hexadecimal, as Wycheproof has them. */
export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

/** Bytes in base64, as the others have them; Go writes an empty array as null. */
export function fromBase64(base64: string | null): Uint8Array {
  return new Uint8Array(Buffer.from(base64 ?? '', 'base64'));
}
