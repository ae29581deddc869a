/** That a leaf is in a tree: RFC 9162, section 2.1.3.2. */
import { ProtocolError } from '../errors.ts';
import { climb, type Place, requireHashes } from './climb.ts';
import { hashNode } from './tree.ts';

/**
 * The root that an inclusion path leads to from a leaf; the caller compares it with the one that was signed. Throws
 * `merkle-proof-invalid` when a tree of `size` leaves has no such leaf, its path has another length, or a hash is none.
 */
export function rootFromInclusion(
  leafHash: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Uint8Array {
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new ProtocolError('merkle-proof-invalid', 'no such leaf');
  }
  requireHashes([leafHash, ...path]);
  let place: Place = { node: index, last: size - 1 };
  let root = leafHash;
  for (const node of path) {
    const { sibling, next } = climb(place);
    root = sibling === 'left' ? hashNode(node, root) : hashNode(root, node);
    place = next;
  }
  if (place.last !== 0) throw new ProtocolError('merkle-proof-invalid', 'the path is too short');
  return root;
}
