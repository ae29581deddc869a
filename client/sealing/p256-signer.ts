/** Signing in pure JavaScript, as a client in any place can: the one door of `@noble/curves`. */

import { p256 } from '@noble/curves/nist.js';
import { importKeys } from '#platform/p256.ts';
import { encodeBase64url } from '../../shared/bytes.ts';
import type { P256KeyPair } from '../../shared/crypto/ecdsa.ts';
import { jwkThumbprint } from '../../shared/crypto/jwk-thumbprint.ts';
import type { JwsSigner } from '../../shared/crypto/jws.ts';
import type { Subject } from '../../shared/wire/vocabulary.ts';

/** A participant's identity key in use. `kid` is also the participant's subject. */
export interface IdentitySigner extends JwsSigner {
  readonly kid: Subject;
  /** The same key in the platform's form, for a certification request. */
  readonly keys: P256KeyPair;
}

/** A fresh identity key: a scalar of 32 bytes. */
export function generateIdentityKey(): Uint8Array {
  return p256.utils.randomSecretKey();
}

/**
 * A signer whose signatures are deterministic (RFC 6979) and have a low s: the same statement always gets the same
 * signature, so a repeated command is the same to the byte. Throws where `secretKey` is no scalar of the curve.
 */
export function createIdentitySigner(secretKey: Uint8Array): IdentitySigner {
  const keys = platformKeys(secretKey);
  return {
    kid: jwkThumbprint(keys.publicKey),
    keys,
    sign: async (bytes) => p256.sign(bytes, secretKey, { prehash: true, lowS: true, extraEntropy: false }),
  };
}

function platformKeys(secretKey: Uint8Array): P256KeyPair {
  // Uncompressed: 0x04 ‖ x ‖ y (SEC 1, section 2.3.3).
  const point = p256.getPublicKey(secretKey, false);
  const coordinates = { x: encodeBase64url(point.subarray(1, 33)), y: encodeBase64url(point.subarray(33)) };
  return importKeys(encodeBase64url(secretKey), coordinates);
}
