import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../../shared/invariant.ts';
import { verifyConsistency } from '../../../shared/merkle/consistency.ts';
import { GrowingTree } from '../../../shared/merkle/growing-tree.ts';
import { rootFromInclusion } from '../../../shared/merkle/inclusion.ts';
import { hashLeaf } from '../../../shared/merkle/tree.ts';
import { referencePath, referenceProof, referenceRoot } from '../../support/reference-merkle.ts';

const dataOf = (size: number) => Array.from({ length: size }, (_, index) => new TextEncoder().encode(`leaf ${index}`));

function treeOf(data: readonly Uint8Array[]): GrowingTree {
  const tree = new GrowingTree();
  for (const leaf of data) tree.append(hashLeaf(leaf));
  return tree;
}

describe('a growing tree', () => {
  it('has the roots and proofs that the RFC defines, of itself and of every tree that it was, up to 40 leaves', () => {
    const data = dataOf(40);
    const tree = treeOf(data);
    for (let size = 0; size <= data.length; size++) {
      const then = data.slice(0, size);
      expect(tree.root(size)).toEqual(referenceRoot(then));
      for (const index of then.keys()) expect(tree.inclusion(index, size)).toEqual(referencePath(index, then));
      for (let from = 1; from <= size; from++) expect(tree.consistency(from, size)).toEqual(referenceProof(from, then));
    }
    expect(tree.size).toBe(40);
    expect(tree.root()).toEqual(referenceRoot(data));
  });

  it('gives proofs that verify, and for no other leaf, root or size', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 3_000 }), fc.nat(), fc.nat()).map(([to, some, other]) => {
      const from = (some % to) + 1;
      return { to, from, index: other % from };
    });
    const tree = treeOf(dataOf(3_000));
    fc.assert(
      fc.property(sizes, ({ from, to, index }) => {
        const [earlier, later] = [from, to].map((size) => ({ size, root: tree.root(size) })) as [Head, Head];
        verifyConsistency(earlier, later, tree.consistency(from, to));
        const leaf = hashLeaf(new TextEncoder().encode(`leaf ${index}`));
        expect(rootFromInclusion(leaf, index, from, tree.inclusion(index, from))).toEqual(earlier.root);
        const wrong = hashLeaf(Uint8Array.of(7));
        expect(rootFromInclusion(wrong, index, from, tree.inclusion(index, from))).not.toEqual(earlier.root);
        const forged = { size: from, root: wrong };
        expect(() => verifyConsistency(forged, later, tree.consistency(from, to))).toThrow();
      }),
    );
  });

  it('keeps what it said: its hashes are not changed by what comes later, across pages', () => {
    const tree = treeOf(dataOf(1_025));
    const [root, path] = [tree.root(1_025), tree.inclusion(1_024, 1_025).map((hash) => Uint8Array.from(hash))];
    for (const leaf of dataOf(1_100)) tree.append(hashLeaf(leaf));
    expect(tree.root(1_025)).toEqual(root);
    expect(tree.inclusion(1_024, 1_025)).toEqual(path);
  });

  it.each([
    ['a root of a size that it never had', (tree: GrowingTree) => tree.root(4)],
    ['a leaf that is not in the tree of that size', (tree: GrowingTree) => tree.inclusion(2, 2)],
    ['a size with a fraction', (tree: GrowingTree) => tree.root(1.5)],
    ['an earlier tree that is later', (tree: GrowingTree) => tree.consistency(3, 2)],
    ['an empty earlier tree', (tree: GrowingTree) => tree.consistency(0, 2)],
  ])('has no proof of %s: asking is a bug', (_what, ask) => {
    expect(() => ask(treeOf(dataOf(3)))).toThrow(InvariantViolation);
  });
});

interface Head {
  readonly size: number;
  readonly root: Uint8Array;
}
