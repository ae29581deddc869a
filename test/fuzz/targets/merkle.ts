/** Merkle proofs with any sizes and paths: one proof for one place, and an end to every walk. */
import { equalBytes } from '../../../shared/bytes.ts';
import { verifyConsistency } from '../../../shared/merkle/consistency.ts';
import { GrowingTree } from '../../../shared/merkle/growing-tree.ts';
import { rootFromInclusion } from '../../../shared/merkle/inclusion.ts';
import { hashLeaf } from '../../../shared/merkle/tree.ts';
import type { Choice } from '../choice.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import { demand, judging, type Target } from '../target.ts';

interface Input {
  readonly kind: 'inclusion' | 'consistency';
  /** The leaf's place, or the size of the earlier tree. */
  readonly at: number;
  readonly size: number;
  readonly path: readonly Uint8Array[];
  /** Of the earlier tree, where it is said to be another one. */
  readonly root?: Uint8Array;
}

const SIZES = [1, 2, 3, 5, 8, 13] as const;
const leaves = Array.from({ length: 13 }, (_, index) => hashLeaf(Uint8Array.of(index)));
const tree = new GrowingTree();
for (const leaf of leaves) tree.append(leaf);
const rootOf = (size: number) => (size >= 1 && size <= 13 ? tree.root(size) : leaves[0]!);

const valid = SIZES.flatMap((size): Input[] => [
  ...Array.from({ length: size }, (_, at): Input => ({ kind: 'inclusion', at, size, path: tree.inclusion(at, size) })),
  ...SIZES.filter((at) => at <= size).map(
    (at): Input => ({ kind: 'consistency', at, size, path: tree.consistency(at, size) }),
  ),
]);
const NUMBERS = [
  0,
  -0,
  -1,
  0.5,
  1,
  2 ** 31,
  2 ** 32,
  2 ** 52,
  2 ** 53 - 1,
  2 ** 53,
  Number.NaN,
  Number.POSITIVE_INFINITY,
];

function mutate(input: Input, choice: Choice, other: Input): Input {
  const { path, size } = input;
  switch (choice.below(8)) {
    case 6:
      return { ...input, root: choice.of(leaves.slice(1)) };
    case 0:
      return { ...input, at: choice.oneIn(2) ? choice.of(NUMBERS) : choice.below(15) };
    case 1:
      return { ...input, size: choice.oneIn(2) ? choice.of(NUMBERS) : choice.below(15) };
    case 2:
      return { ...input, path: path.toSpliced(choice.below(path.length + 1), choice.below(2), choice.of(leaves)) };
    case 3:
      return { ...input, path: path.toSpliced(choice.below(path.length + 1), 1) };
    case 4:
      return {
        ...input,
        path: path.map((hash) => (choice.oneIn(3) ? mutateBytes(hash, choice, choice.of(leaves)) : hash)),
      };
    case 5:
      return { ...other, size: choice.oneIn(2) ? size : other.size };
    default:
      return { ...input, path: [...path, ...Array.from({ length: choice.of([1, 52, 104]) }, () => choice.of(leaves))] };
  }
}

/** Whether it leads to the root. Another root shows nothing: who asks compares it with one that was signed. */
function leads({ kind, at, size, path, root = rootOf(at) }: Input): boolean {
  if (kind === 'inclusion')
    return equalBytes(rootFromInclusion(leaves[at] ?? leaves[0]!, at, size, path), rootOf(size));
  verifyConsistency({ size: at, root }, { size, root: rootOf(size) }, path);
  return true;
}

function judge(input: Input): string {
  const { kind, at, size, path, root } = input;
  const results: boolean[] = [];
  const read = () => void results.push(leads(input));
  const verdict = judging(['merkle-proof-invalid'], read, () => {
    // Beyond our tree its own size is all that is known of one.
    if (results[0] !== true || size > leaves.length) return;
    demand(kind === 'inclusion' || root === undefined, 'another tree is taken for the earlier one');
    const proof = kind === 'inclusion' ? tree.inclusion(at, size) : tree.consistency(at, size);
    const isSame = proof.length === path.length && proof.every((hash, index) => equalBytes(hash, path[index]!));
    demand(isSame, 'two proofs of one thing');
  });
  return results[0] === false ? 'another root' : verdict;
}

export const merkle: Target<Input> = {
  name: 'merkle',
  reaches: ['accepted', 'another root', 'merkle-proof-invalid'],
  prepare: () => ({ valid, mutate, judge }),
};
