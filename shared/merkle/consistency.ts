/** That a later tree only added leaves to an earlier one: RFC 9162, section 2.1.4.2. */
import { equalBytes } from '../bytes.ts';
import { ProtocolError } from '../errors.ts';
import { above, climb, isOdd, type Place, requireHashes } from './climb.ts';
import { hashNode } from './tree.ts';

/** A tree, as a checkpoint tells of it. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * Verifies that the first `earlier.size` leaves of `later` are those of `earlier`. Throws `merkle-proof-invalid`
 * otherwise, and for an empty earlier tree, from which nothing follows.
 */
export function verifyConsistency(earlier: TreeHead, later: TreeHead, path: readonly Uint8Array[]): void {
  if (!Number.isSafeInteger(earlier.size) || !Number.isSafeInteger(later.size)) throw inconsistent('no such size');
  if (earlier.size < 1 || earlier.size > later.size) throw inconsistent('no such size');
  const roots = earlier.size === later.size ? sameRoot(earlier, path) : rootsFromPath(earlier, later.size, path);
  if (!equalBytes(roots.earlier, earlier.root) || !equalBytes(roots.later, later.root)) {
    throw inconsistent('it does not lead to both roots');
  }
}

interface Roots {
  readonly earlier: Uint8Array;
  readonly later: Uint8Array;
}

/** Between trees of one size there is nothing to prove: only the same root will do. */
function sameRoot({ root }: TreeHead, path: readonly Uint8Array[]): Roots {
  if (path.length > 0) throw inconsistent('the path is too long');
  return { earlier: root, later: root };
}

/** The roots of both trees, as the path has them. */
function rootsFromPath(earlier: TreeHead, laterSize: number, path: readonly Uint8Array[]): Roots {
  requireHashes([earlier.root, ...path]);
  // We start at the largest whole subtree that ends with the last leaf of the earlier tree.
  let place: Place = { node: earlier.size - 1, last: laterSize - 1 };
  while (isOdd(place.node)) place = above(place);
  // Where that subtree is the whole earlier tree, the path leaves its root out.
  const [start, ...rest] = place.node === 0 && path.length > 0 ? [earlier.root, ...path] : path;
  if (start === undefined) throw inconsistent('the path is too short');
  let roots: Roots = { earlier: start, later: start };
  for (const node of rest) {
    const { sibling, next } = climb(place);
    // What is on the left is part of both trees, what is on the right was added later.
    roots =
      sibling === 'left'
        ? { earlier: hashNode(node, roots.earlier), later: hashNode(node, roots.later) }
        : { earlier: roots.earlier, later: hashNode(roots.later, node) };
    place = next;
  }
  if (place.last !== 0) throw inconsistent('the path is too short');
  return roots;
}

function inconsistent(what: string): ProtocolError {
  return new ProtocolError('merkle-proof-invalid', what);
}
