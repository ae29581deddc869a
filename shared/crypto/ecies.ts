/**
 * Sealing to a key: ECIES over X25519 in the wire format of `eciesjs` 0.5 (x25519, aes-256-gcm, 16-byte nonce), with
 * the platform's native primitives. Sealed = ephemeral public key (32) ‖ nonce (16) ‖ tag (16) ‖ ciphertext.
 */
import { type KeyObject, randomBytes } from 'node:crypto';
import { concatBytes } from '../bytes.ts';
import { ProtocolError } from '../errors.ts';
import type { Seal } from '../platform/twins.ts';
import { openAesGcm, sealAesGcm, TAG_BYTES } from './aes-gcm.ts';
import { hkdfSha256 } from './hkdf.ts';
import { agreeX25519, generateX25519, X25519_KEY_BYTES } from './x25519.ts';

const NONCE_BYTES = 16;
/** What sealing adds to a message. */
export const SEALING_OVERHEAD_BYTES: number = X25519_KEY_BYTES + NONCE_BYTES + TAG_BYTES;

/** A key to which others seal. */
export interface SealingKeyPair {
  /** Raw X25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

/** A fresh pair from the platform's random source. */
export function generateSealingKey(): SealingKeyPair {
  return generateX25519();
}

/**
 * Seals `plaintext` so that only the holder of `publicKey` (raw X25519, 32 bytes) reads it. Who sealed it stays
 * unknown: that is for a signature inside. Throws `malformed` for a key to which nothing can be sealed.
 */
export async function sealTo(publicKey: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array> {
  const seal = await beginSealing(publicKey);
  return seal(plaintext);
}

/** The part of `sealTo` that needs no plaintext, two thirds of its time. What it gives is for one message. */
export async function beginSealing(publicKey: Uint8Array): Promise<Seal> {
  const ephemeral = generateX25519();
  const shared = await agreeX25519(ephemeral.privateKey, publicKey);
  const key = deriveKey(ephemeral.publicKey, shared);
  return (plaintext) => {
    const nonce = randomBytes(NONCE_BYTES);
    const { tag, ciphertext } = sealAesGcm(key, nonce, plaintext);
    return concatBytes(ephemeral.publicKey, nonce, tag, ciphertext);
  };
}

/** Opens what was sealed to `key`. Throws `envelope-unreadable` for everything else. */
export async function openSealed(key: SealingKeyPair, sealed: Uint8Array): Promise<Uint8Array> {
  if (sealed.length < SEALING_OVERHEAD_BYTES) throw new ProtocolError('envelope-unreadable');
  const ephemeral = sealed.subarray(0, X25519_KEY_BYTES);
  const nonce = sealed.subarray(X25519_KEY_BYTES, X25519_KEY_BYTES + NONCE_BYTES);
  const tag = sealed.subarray(X25519_KEY_BYTES + NONCE_BYTES, SEALING_OVERHEAD_BYTES);
  const ciphertext = sealed.subarray(SEALING_OVERHEAD_BYTES);
  const shared = await agreeX25519(key.privateKey, ephemeral).catch(refuse);
  return openAesGcm(deriveKey(ephemeral, shared), nonce, { tag, ciphertext });
}

function deriveKey(ephemeral: Uint8Array, shared: Uint8Array): Uint8Array {
  return hkdfSha256(concatBytes(ephemeral, shared), 32);
}

/** A bad ephemeral key is one more way of not being readable. A mistake of ours stays one. */
function refuse(error: unknown): never {
  if (error instanceof ProtocolError) throw new ProtocolError('envelope-unreadable', undefined, { cause: error });
  throw error;
}
