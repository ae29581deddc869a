import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RightEdge } from '../../../client/proof/right-edge.ts';
import { sha256 } from '../../../shared/crypto/digest.ts';
import { GrowingTree } from '../../../shared/merkle/growing-tree.ts';
import { codeThrownBy } from '../../support/refusal.ts';

const leaf = (n: number) => sha256(Uint8Array.of(n % 256, n >> 8));

function treeOf(size: number): GrowingTree {
  const tree = new GrowingTree();
  for (let n = 0; n < size; n++) tree.append(leaf(n));
  return tree;
}

describe('the right edge of a tree', () => {
  it('has the root of the tree from which it was taken, and of every later one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 70 }), (size, more) => {
        const tree = treeOf(size + more);
        let edge = RightEdge.after(leaf(size - 1), size, tree.inclusion(size - 1, size));
        expect(edge.root).toEqual(tree.root(size));
        for (let n = size; n < size + more; n++) edge = edge.append(leaf(n));
        expect([edge.size, edge.root]).toEqual([size + more, tree.root()]);
      }),
    );
  });

  it('stays as it was when another leaf comes', () => {
    const edge = RightEdge.after(leaf(6), 7, treeOf(7).inclusion(6, 7));
    edge.append(leaf(7));
    expect(edge.root).toEqual(treeOf(7).root());
  });

  it('leads elsewhere from another leaf or path, and takes no path of another length', () => {
    const path = treeOf(6).inclusion(5, 6);
    expect(RightEdge.after(leaf(4), 6, path).root).not.toEqual(treeOf(6).root());
    expect(RightEdge.after(leaf(5), 6, path.toReversed()).root).not.toEqual(treeOf(6).root());
    for (const wrong of [path.slice(1), [...path, leaf(0)], [leaf(0), new Uint8Array(31)]])
      expect(codeThrownBy(() => RightEdge.after(leaf(5), 6, wrong))).toBe('merkle-proof-invalid');
  });
});
