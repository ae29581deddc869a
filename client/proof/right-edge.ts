/**
 * The right edge of a journal's tree (RFC 9162, section 2.1): the roots of the whole subtrees that the tree consists of.
 * From these few hashes follow its root and, with the leaves that come after, that of every later tree.
 */
import { ProtocolError } from '../../shared/errors.ts';
import { invariant } from '../../shared/invariant.ts';
import { requireHashes } from '../../shared/merkle/climb.ts';
import type { TreeHead } from '../../shared/merkle/consistency.ts';
import { hashNode } from '../../shared/merkle/tree.ts';

export class RightEdge implements TreeHead {
  readonly size: number;
  /** From the left, the largest first: as many as `size` has ones in binary. */
  readonly #subtrees: readonly Uint8Array[];

  private constructor(size: number, subtrees: readonly Uint8Array[]) {
    this.size = size;
    this.#subtrees = subtrees;
  }

  /**
   * The edge of the tree of `size` leaves, from its last leaf and that leaf's inclusion path, which has nothing but left
   * siblings. Proves nothing before the root of this tree, or of one that was made from it, is compared with a signed one.
   * @throws ProtocolError 'merkle-proof-invalid' for a path that such a leaf can't have
   */
  static after(lastLeaf: Uint8Array, size: number, path: readonly Uint8Array[]): RightEdge {
    invariant(Number.isSafeInteger(size) && size >= 1, 'a tree with an edge has a leaf');
    requireHashes([lastLeaf, ...path]);
    // The first siblings are inside the subtree that ends with the leaf; each of the others is a subtree of its own.
    const inside = trailingZeros(size);
    if (path.length !== inside + ones(size) - 1) throw new ProtocolError('merkle-proof-invalid', 'another length');
    const last = path.slice(0, inside).reduce((node, sibling) => hashNode(sibling, node), lastLeaf);
    return new RightEdge(size, [...path.slice(inside).reverse(), last]);
  }

  /** The edge when one more leaf has come. This one stays as it is. */
  append(leaf: Uint8Array): RightEdge {
    const subtrees = [...this.#subtrees];
    let node = leaf;
    // Two subtrees of one size are one of twice the size.
    for (let count = this.size; count % 2 === 1; count = Math.floor(count / 2)) {
      const left = subtrees.pop();
      invariant(left !== undefined, 'there is a subtree for each one of the size');
      node = hashNode(left, node);
    }
    return new RightEdge(this.size + 1, [...subtrees, node]);
  }

  get root(): Uint8Array {
    return this.#subtrees.reduceRight((right, left) => hashNode(left, right));
  }
}

function trailingZeros(size: number): number {
  let zeros = 0;
  for (let rest = size; rest % 2 === 0; rest /= 2) zeros += 1;
  return zeros;
}

function ones(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
