import fc from 'fast-check';
import { expect, it } from 'vitest';
import { equalBytes } from '../../../shared/bytes.ts';
import { rootFromInclusion } from '../../../shared/merkle/inclusion.ts';
import { hashLeaf, MerkleTree } from '../../../shared/merkle/tree.ts';
import { codeThrownBy } from '../../support/refusal.ts';

const leaves = Array.from({ length: 70 }, (_, index) => hashLeaf(Uint8Array.of(index)));
const trees = leaves.map((_, index) => new MerkleTree(leaves.slice(0, index + 1)));
const place = fc.integer({ min: 1, max: 70 }).chain((size) => fc.tuple(fc.nat(size - 1), fc.constant(size)));

/** Whether the path shows that the tree has this leaf there. */
function shows(leaf: Uint8Array, index: number, size: number, path: readonly Uint8Array[], root: Uint8Array): boolean {
  let found: Uint8Array | undefined;
  const code = codeThrownBy(() => {
    found = rootFromInclusion(leaf, index, size, path);
  });
  expect([undefined, 'merkle-proof-invalid']).toContain(code);
  return found !== undefined && equalBytes(found, root);
}

it('leads from every leaf to the root', () => {
  fc.assert(
    fc.property(place, ([index, size]) => {
      const tree = trees[size - 1]!;
      expect(rootFromInclusion(leaves[index]!, index, size, tree.path(index))).toEqual(tree.root());
    }),
  );
});

it('leads elsewhere from another leaf, another place, and by another path', () => {
  fc.assert(
    fc.property(place, fc.nat(69), fc.nat(), ([index, size], other, pick) => {
      const tree = trees[size - 1]!;
      const [root, path] = [tree.root(), tree.path(index)];
      if (other !== index) {
        expect(shows(leaves[other]!, index, size, path, root)).toBe(false);
        expect(shows(leaves[index]!, other, size, path, root)).toBe(false);
      }
      expect(shows(leaves[index]!, index, size, [...path, root], root)).toBe(false);
      if (path.length === 0) return;
      const at = pick % path.length;
      expect(shows(leaves[index]!, index, size, path.toSpliced(at, 1), root)).toBe(false);
      expect(shows(leaves[index]!, index, size, path.with(at, leaves[69 - index]!), root)).toBe(
        equalBytes(path[at]!, leaves[69 - index]!),
      );
    }),
  );
});

it.each([
  [-1, 4],
  [4, 4],
  [0, 0],
  [0.5, 4],
  [0, 4.5],
  [Number.NaN, 4],
  [0, Number.POSITIVE_INFINITY],
  [2 ** 53, 2 ** 53 + 2],
])('refuses leaf %d of %d, which does not exist', (index, size) => {
  expect(codeThrownBy(() => rootFromInclusion(leaves[0]!, index, size, []))).toBe('merkle-proof-invalid');
});

it('refuses hashes of another length, whose bytes could shift from one to the next', () => {
  const [left, right] = [leaves[0]!, leaves[1]!];
  const shifted = new Uint8Array([...left, right[0]!]);
  expect(codeThrownBy(() => rootFromInclusion(right.subarray(1), 1, 2, [shifted]))).toBe('merkle-proof-invalid');
  expect(codeThrownBy(() => rootFromInclusion(right, 1, 2, [new Uint8Array()]))).toBe('merkle-proof-invalid');
});

it('counts beyond 32 bits', () => {
  const size = 2 ** 40;
  const path = Array.from({ length: 40 }, () => leaves[0]!);
  expect(codeThrownBy(() => rootFromInclusion(leaves[1]!, size - 1, size, path))).toBeUndefined();
  expect(codeThrownBy(() => rootFromInclusion(leaves[1]!, size - 1, size, path.slice(1)))).toBe('merkle-proof-invalid');
});
