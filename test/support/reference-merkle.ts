/** RFC 9162, section 2.1, word for word: recursive, slow, and written apart from the product, to compare it with. */
import { createHash } from 'node:crypto';

const sha256 = (...parts: readonly Uint8Array[]) =>
  new Uint8Array(createHash('sha256').update(Buffer.concat(parts)).digest());

/** MTH(D[n]), section 2.1.1. */
export function referenceRoot(data: readonly Uint8Array[]): Uint8Array {
  const [only] = data;
  if (only === undefined) return sha256();
  if (data.length === 1) return sha256(Uint8Array.of(0), only);
  const k = split(data.length);
  return sha256(Uint8Array.of(1), referenceRoot(data.slice(0, k)), referenceRoot(data.slice(k)));
}

/** PATH(m, D[n]), section 2.1.3.1. */
export function referencePath(m: number, data: readonly Uint8Array[]): Uint8Array[] {
  if (data.length <= 1) return [];
  const k = split(data.length);
  return m < k
    ? [...referencePath(m, data.slice(0, k)), referenceRoot(data.slice(k))]
    : [...referencePath(m - k, data.slice(k)), referenceRoot(data.slice(0, k))];
}

/** PROOF(m, D[n]) for 0 < m < n, section 2.1.4.1; nothing for m = n. */
export function referenceProof(m: number, data: readonly Uint8Array[]): Uint8Array[] {
  return subproof(m, data, true);
}

function subproof(m: number, data: readonly Uint8Array[], complete: boolean): Uint8Array[] {
  if (m === data.length) return complete ? [] : [referenceRoot(data)];
  const k = split(data.length);
  return m <= k
    ? [...subproof(m, data.slice(0, k), complete), referenceRoot(data.slice(k))]
    : [...subproof(m - k, data.slice(k), false), referenceRoot(data.slice(0, k))];
}

/** The largest power of two below n. */
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
