/** The walk from a node up to the root that RFC 9162 describes alike for inclusion (2.1.3.2) and consistency (2.1.4.2). */
import { ProtocolError } from '../errors.ts';

/** A place on one level of a tree: our node, and the last node of the level. `fn` and `sn` in the RFC. */
export interface Place {
  readonly node: number;
  readonly last: number;
}

/** On which side of our node the next node of the path belongs, and where we stand once the two are hashed. */
export interface Step {
  readonly sibling: 'left' | 'right';
  readonly next: Place;
}

/** The next step up. Throws `merkle-proof-invalid` at the root, where a path has to end. */
export function climb(place: Place): Step {
  if (place.last === 0) throw new ProtocolError('merkle-proof-invalid', 'the path is too long');
  if (isOdd(place.node)) return { sibling: 'left', next: above(place) };
  if (place.node < place.last) return { sibling: 'right', next: above(place) };
  // An even last node has no sibling: it stands for itself on the levels above until it is odd.
  let alone = place;
  while (!isOdd(alone.node)) alone = above(alone);
  return { sibling: 'left', next: above(alone) };
}

/** The same place one level up. Division, because shifts end at 32 bits. */
export function above({ node, last }: Place): Place {
  return { node: Math.floor(node / 2), last: Math.floor(last / 2) };
}

/** Whether a node is the right one of its pair. */
export function isOdd(node: number): boolean {
  return node % 2 === 1;
}

/** Throws `merkle-proof-invalid` unless each is a SHA-256: bytes of another length could shift from one hash to the next. */
export function requireHashes(hashes: readonly Uint8Array[]): void {
  if (hashes.some(({ length }) => length !== HASH_BYTES)) {
    throw new ProtocolError('merkle-proof-invalid', `a hash has ${HASH_BYTES} bytes`);
  }
}

const HASH_BYTES = 32;
