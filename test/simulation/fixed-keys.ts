/** Real keys that are the same in each run, by name: so that nothing in a town depends on chance. */
import { createECDH, createHash } from 'node:crypto';
import { importKeys } from '#platform/p256.ts';
import { encodeBase64url } from '../../shared/bytes.ts';
import type { P256KeyPair } from '../../shared/crypto/ecdsa.ts';

export function keysOf(name: string): P256KeyPair {
  const scalar = createHash('sha256').update(name).digest();
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(scalar);
  const point = curve.getPublicKey();
  const coordinate = (from: number) => encodeBase64url(point.subarray(from, from + 32));
  return importKeys(encodeBase64url(scalar), { x: coordinate(1), y: coordinate(33) });
}
