/**
 * The Merkle tree of RFC 9162, section 2.1, and the paths of its leaves. Every node is hashed once, when the tree is
 * built; a path then only collects what stands there, so that all paths of a batch cost no further hash.
 */
import { sha256 } from '../crypto/digest.ts';
import { invariant } from '../invariant.ts';

/** SHA-256(0x00 ‖ data). The first byte keeps a leaf from being passed off as a node. */
export function hashLeaf(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + data.length);
  bytes.set(data, 1);
  return sha256(bytes);
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + left.length + right.length);
  bytes[0] = 1;
  bytes.set(left, 1);
  bytes.set(right, 1 + left.length);
  return sha256(bytes);
}

/** A tree over leaf hashes that are all known. */
export class MerkleTree {
  /** From the leaves up to the root; in each level an odd last node stands for itself in the next one. */
  readonly #levels: readonly (readonly Uint8Array[])[];

  constructor(leafHashes: readonly Uint8Array[]) {
    const levels = [leafHashes];
    for (let level = leafHashes; level.length > 1; levels.push(level)) level = parentsOf(level);
    this.#levels = levels;
  }

  /** The number of leaves. */
  get size(): number {
    return this.#levels[0]?.length ?? 0;
  }

  /** The hash of the whole tree; of the empty tree, SHA-256 of nothing. */
  root(): Uint8Array {
    return this.#levels.at(-1)?.[0] ?? sha256();
  }

  /** The inclusion path of a leaf (section 2.1.3): its sibling, then the sibling of each node above, root excluded. */
  path(index: number): Uint8Array[] {
    invariant(Number.isInteger(index) && index >= 0 && index < this.size, 'a path belongs to a leaf of the tree');
    const path: Uint8Array[] = [];
    let place = index;
    for (const level of this.#levels) {
      const sibling = level[place % 2 === 0 ? place + 1 : place - 1];
      if (sibling !== undefined) path.push(sibling);
      place = Math.floor(place / 2);
    }
    return path;
  }
}

function parentsOf(level: readonly Uint8Array[]): readonly Uint8Array[] {
  const parents: Uint8Array[] = [];
  let left: Uint8Array | undefined;
  for (const node of level) {
    if (left === undefined) {
      left = node;
    } else {
      parents.push(hashNode(left, node));
      left = undefined;
    }
  }
  if (left !== undefined) parents.push(left);
  return parents;
}
