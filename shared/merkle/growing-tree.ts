/**
 * The Merkle tree of RFC 9162 over leaves that keep coming, with the proofs about every tree that it has been. The hash of
 * each whole subtree is kept: 64 bytes for each leaf, in pages outside the garbage collector's sight. A proof then only
 * copies what stands there, but for the ragged right edge of the tree, which costs a few hashes.
 */
import { sha256 } from '../crypto/digest.ts';
import { invariant } from '../invariant.ts';
import { hashNode } from './tree.ts';

/** A run of what a tree consists of: hashes of whole subtrees of 2^level leaves, one after the other. */
export interface TreePiece {
  readonly level: number;
  readonly hashes: Uint8Array;
}

export class GrowingTree {
  /** `#levels[n]` has the hashes of the whole subtrees of 2^n leaves, from the left. */
  readonly #levels: HashList[] = [];

  /** The number of leaves. */
  get size(): number {
    return this.#levels[0]?.length ?? 0;
  }

  /** Adds a leaf on the right, by its hash. Two hashes on average. */
  append(leafHash: Uint8Array): void {
    let node = leafHash;
    for (let level = 0; ; level++) {
      const list = this.#levels[level] ?? new HashList();
      this.#levels[level] = list;
      list.push(node);
      if (list.length % 2 === 1) return;
      node = hashNode(list.at(list.length - 2), list.at(list.length - 1));
    }
  }

  /** The hash of one leaf. */
  leaf(index: number): Uint8Array {
    invariant(index < this.size, 'the tree has that leaf');
    return this.#hashOf(index, 1);
  }

  /** The root of the tree of the first `size` leaves; of none, SHA-256 of nothing. */
  root(size: number = this.size): Uint8Array {
    this.#demandSize(size);
    return size === 0 ? sha256() : this.#hashOf(0, size);
  }

  /** Section 2.1.3.1: the path from the leaf at `index` to the root of the first `size` leaves. */
  inclusion(index: number, size: number): Uint8Array[] {
    this.#demandSize(size);
    invariant(Number.isInteger(index) && index >= 0 && index < size, 'a path belongs to a leaf of the tree');
    const path: Uint8Array[] = [];
    for (let [start, length] = [0, size]; length > 1; ) {
      const left = leftOf(length);
      if (index < start + left) {
        path.push(this.#hashOf(start + left, length - left));
        length = left;
      } else {
        path.push(this.#hashOf(start, left));
        start += left;
        length -= left;
      }
    }
    return path.reverse();
  }

  /** Section 2.1.4.1: that the first `from` leaves of the tree of `to` leaves are those of the tree of `from`. */
  consistency(from: number, to: number): Uint8Array[] {
    this.#demandSize(to);
    invariant(
      Number.isInteger(from) && from > 0 && from <= to,
      'the earlier tree has a leaf, and no more than the later',
    );
    const path: Uint8Array[] = [];
    let [start, length] = [0, to];
    while (start + length !== from) {
      const left = leftOf(length);
      if (from <= start + left) {
        path.push(this.#hashOf(start + left, length - left));
        length = left;
      } else {
        path.push(this.#hashOf(start, left));
        start += left;
        length -= left;
      }
    }
    // Where it is the whole earlier tree, whoever verifies knows it already.
    if (start > 0) path.push(this.#hashOf(start, length));
    return path.reverse();
  }

  /** Of the leaves from `start` on, `length` many. */
  #hashOf(start: number, length: number): Uint8Array {
    const left = leftOf(length);
    if (left * 2 === length || length === 1) {
      const level = this.#levels[Math.log2(length)];
      invariant(level !== undefined, 'a subtree inside the tree is there');
      return level.at(start / length);
    }
    return hashNode(this.#hashOf(start, left), this.#hashOf(start + left, length - left));
  }

  /** All that the tree of the first `size` leaves consists of. Leaves may come while this is read: what stands there stays. */
  *pieces(size: number): Generator<TreePiece> {
    this.#demandSize(size);
    for (const [level, list] of this.#levels.entries()) {
      for (const hashes of list.pieces(Math.floor(size / 2 ** level))) yield { level, hashes };
    }
  }

  /** Takes in the next piece of another tree, in their order. The tree is of use once it `isWhole`. */
  addPiece({ level, hashes }: TreePiece): void {
    const list = this.#levels[level] ?? new HashList();
    this.#levels[level] = list;
    for (let at = 0; at < hashes.length; at += HASH_BYTES) list.push(hashes.subarray(at, at + HASH_BYTES));
  }

  /** Whether every subtree that the leaves have is there, and no other one. */
  get isWhole(): boolean {
    const expected = this.size === 0 ? 0 : Math.floor(Math.log2(this.size)) + 1;
    if (this.#levels.length !== expected) return false;
    return this.#levels.every((list, level) => list.length === Math.floor(this.size / 2 ** level));
  }

  #demandSize(size: number): void {
    invariant(Number.isInteger(size) && size >= 0 && size <= this.size, 'the tree had that size');
  }
}

/** The greatest power of two below `length`: how many leaves are in the left half (RFC 9162, section 2.1.1). */
function leftOf(length: number): number {
  let left = 1;
  while (left * 2 < length) left *= 2;
  return left;
}

const HASH_BYTES = 32;
/** 32 KiB in one piece: little for a small tree, and few pieces for a large one. */
const PAGE_HASHES = 1_024;

/** Hashes one after the other, in pages that are never moved. */
class HashList {
  readonly #pages: Uint8Array[] = [];
  length = 0;

  push(hash: Uint8Array): void {
    const place = this.length % PAGE_HASHES;
    if (place === 0) this.#pages.push(new Uint8Array(PAGE_HASHES * HASH_BYTES));
    this.#pages.at(-1)?.set(hash, place * HASH_BYTES);
    this.length += 1;
  }

  /** The first `count` hashes, a page at a time. */
  *pieces(count: number): Generator<Uint8Array> {
    for (let from = 0; from < count; from += PAGE_HASHES) {
      const page = this.#pages[from / PAGE_HASHES];
      invariant(page !== undefined, 'hashes that were counted are there');
      yield page.subarray(0, Math.min(PAGE_HASHES, count - from) * HASH_BYTES);
    }
  }

  at(index: number): Uint8Array {
    const page = this.#pages[Math.floor(index / PAGE_HASHES)];
    invariant(page !== undefined && index < this.length, 'a hash that is asked for is there');
    const from = (index % PAGE_HASHES) * HASH_BYTES;
    return page.subarray(from, from + HASH_BYTES);
  }
}
