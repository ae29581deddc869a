import { describe, expect, it } from 'vitest';
import { verifyConsistency } from '../../../shared/merkle/consistency.ts';
import { hashLeaf, MerkleTree } from '../../../shared/merkle/tree.ts';
import { referenceProof } from '../../support/reference-merkle.ts';
import { codeThrownBy } from '../../support/refusal.ts';

const SIZES = 34;
const data = Array.from({ length: SIZES }, (_, index) => Uint8Array.of(index));
const heads = Array.from({ length: SIZES + 1 }, (_, size) => ({
  size,
  root: new MerkleTree(data.slice(0, size).map(hashLeaf)).root(),
}));
const pairs = heads.slice(1).flatMap((later) => heads.slice(1, later.size + 1).map((earlier) => ({ earlier, later })));
const verify = (...[earlier, later, path]: Parameters<typeof verifyConsistency>) =>
  codeThrownBy(() => verifyConsistency(earlier, later, path));

describe('consistency', () => {
  it('is shown by the path of the RFC, for every two sizes', () => {
    for (const { earlier, later } of pairs) {
      const path = referenceProof(earlier.size, data.slice(0, later.size));
      expect(verify(earlier, later, path), `${earlier.size} and ${later.size}`).toBeUndefined();
    }
  });

  it('is not shown with another root, another size, a node changed, missing or added', () => {
    const other = hashLeaf(Uint8Array.of(255));
    for (const { earlier, later } of pairs) {
      const path = referenceProof(earlier.size, data.slice(0, later.size));
      const wrong = [
        verify({ ...earlier, root: other }, later, path),
        verify(earlier, { ...later, root: other }, path),
        verify(earlier, later, [...path, other]),
        verify(earlier, later, [other, ...path]),
        ...path.map((_, at) => verify(earlier, later, path.with(at, other))),
        ...path.map((_, at) => verify(earlier, later, path.toSpliced(at, 1))),
        verify({ ...earlier, size: earlier.size - 1 }, later, path),
      ];
      // One leaf more in the later tree, with the same root.
      if (earlier.size < later.size) wrong.push(verify(earlier, { ...later, size: earlier.size }, path));
      expect(new Set(wrong), `${earlier.size} and ${later.size}`).toEqual(new Set(['merkle-proof-invalid']));
    }
  });

  it('is not shown when a leaf was rewritten', () => {
    for (const { earlier, later } of pairs) {
      const rewritten = data.slice(0, later.size).with(earlier.size - 1, Uint8Array.of(255));
      const root = new MerkleTree(rewritten.map(hashLeaf)).root();
      const path = referenceProof(earlier.size, rewritten);
      expect(verify(earlier, { ...later, root }, path)).toBe('merkle-proof-invalid');
    }
  });

  it('is not shown backwards, from the empty tree, or of sizes that are none', () => {
    expect(verify(heads[5]!, heads[4]!, [])).toBe('merkle-proof-invalid');
    expect(verify(heads[0]!, heads[4]!, [])).toBe('merkle-proof-invalid');
    expect(verify(heads[0]!, heads[0]!, [])).toBe('merkle-proof-invalid');
    expect(verify({ ...heads[4]!, size: 4.5 }, { ...heads[4]!, size: 4.5 }, [])).toBe('merkle-proof-invalid');
    expect(verify(heads[4]!, { ...heads[4]!, size: Number.NaN }, [])).toBe('merkle-proof-invalid');
  });
});
