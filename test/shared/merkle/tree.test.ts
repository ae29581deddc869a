import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../../shared/invariant.ts';
import { rootFromInclusion } from '../../../shared/merkle/inclusion.ts';
import { hashLeaf, hashNode, MerkleTree } from '../../../shared/merkle/tree.ts';
import { referencePath, referenceRoot } from '../../support/reference-merkle.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const dataOf = (size: number) => Array.from({ length: size }, (_, index) => new TextEncoder().encode(`leaf ${index}`));
const treeOf = (data: readonly Uint8Array[]) => new MerkleTree(data.map(hashLeaf));

describe('a Merkle tree', () => {
  it('of the eight known leaves has the known roots', () => {
    // The inputs and roots of the reference tests of Certificate Transparency.
    const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
    const roots = [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ];
    const data = leaves.map((leaf) => new Uint8Array(Buffer.from(leaf, 'hex')));
    expect(data.map((_, index) => hex(treeOf(data.slice(0, index + 1)).root()))).toEqual(roots);
  });

  it('without leaves has the hash of nothing', () => {
    const empty = new MerkleTree([]);
    expect(empty.size).toBe(0);
    expect(hex(empty.root())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('has the root and the paths that the RFC defines, for every size up to 70', () => {
    for (let size = 1; size <= 70; size += 1) {
      const data = dataOf(size);
      const tree = treeOf(data);
      expect(tree.size).toBe(size);
      expect(tree.root()).toEqual(referenceRoot(data));
      for (const index of data.keys()) expect(tree.path(index)).toEqual(referencePath(index, data));
    }
  });

  it('keeps a leaf from being passed off as a node', () => {
    const [left, right] = [hashLeaf(Uint8Array.of(1)), hashLeaf(Uint8Array.of(2))];
    expect(hashLeaf(new Uint8Array([...left, ...right]))).not.toEqual(hashNode(left, right));
  });

  it('of 65 536 leaves gives each a path of 16 that leads to its root', () => {
    const leaves = dataOf(65_536).map(hashLeaf);
    const tree = new MerkleTree(leaves);
    const root = tree.root();
    const paths = leaves.map((_, index) => tree.path(index));
    expect(paths.every((path) => path.length === 16)).toBe(true);
    for (let index = 0; index < leaves.length; index += 4_681) {
      expect(rootFromInclusion(leaves[index]!, index, leaves.length, paths[index]!)).toEqual(root);
    }
  });

  it.each([-1, 3, 0.5, Number.NaN])('has no path for leaf %d of three: asking is a bug', (index) => {
    expect(() => treeOf(dataOf(3)).path(index)).toThrow(InvariantViolation);
  });
});
