/** Runs a target: every case is a valid input with a few changes. A failure names the seed and the path that lead to it again. */
import fc from 'fast-check';
import { Choice } from './choice.ts';
import { demand, type Prepared, type Target } from './target.ts';

export interface Run {
  readonly cases: number;
  readonly seed?: number;
  readonly path?: string;
}

export interface Outcome {
  readonly seed: number;
  /** How often each verdict came up. */
  readonly verdicts: ReadonlyMap<string, number>;
}

/** In CI, of a target that weighs nothing special. */
export const CASES = 10_000;
const MAX_CHANGES = 4;
const EMPTY: readonly never[] = [];
export async function fuzz<Input>(target: Target<Input>, { cases, seed = freshSeed(), path }: Run): Promise<Outcome> {
  const prepared = await target.prepare();
  const verdicts = new Map<string, number>();
  const holds = async ({ input }: { input: Input }) => {
    const verdict = await prepared.judge(input);
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    demandUnpolluted();
  };
  try {
    for (const [index, input] of [...prepared.valid, ...(prepared.found ?? [])].entries()) {
      await holds({ input }).catch((cause: unknown) => {
        throw new Error(`${target.name}: example ${index} fails: ${String(cause)}`, { cause });
      });
    }
    const replay = path === undefined ? {} : { path };
    await fc.assert(fc.asyncProperty(mutants(prepared), holds), { seed, numRuns: cases, ...replay });
  } finally {
    prepared.end?.();
  }
  const missing = target.reaches.filter((verdict) => !verdicts.has(verdict));
  const isEnough = cases >= CASES / (target.weight ?? 1);
  demand(!isEnough || missing.length === 0, `${target.name}: no case came as far as ${missing.join(', ')}`);
  return { seed, verdicts };
}

function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}

/** Which two valid inputs, and which changes: numbers, so that a counterexample shrinks to the fewest changes. */
function mutants<Input>(prepared: Prepared<Input>): fc.Arbitrary<{ input: Input }> {
  const { valid } = prepared;
  const changes = fc.array(fc.integer(), { minLength: 1, maxLength: MAX_CHANGES, size: 'max' });
  return fc
    .noBias(fc.tuple(fc.nat(valid.length - 1), fc.nat(valid.length - 1), changes))
    .map(([from, other, seeds]) => ({
      input: seeds.reduce<Input>(
        (input, seed) => prepared.mutate(input, new Choice(seed), valid[other]!),
        valid[from]!,
      ),
    }));
}

function demandUnpolluted(): void {
  // What anything inherits beside what belongs to the language.
  for (const name in EMPTY) demand(false, `the input has reached a prototype: ${name}`);
}
