/** X25519 key agreement (RFC 7748) on raw 32-byte public keys. */
import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { toBase64 } from '#platform/bytes.ts';
import { decodeBase64url } from '../bytes.ts';
import { ProtocolError } from '../errors.ts';
import { invariant } from '../invariant.ts';

/** A key for agreeing on a secret. */
export interface X25519KeyPair {
  /** Raw, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

/** The length of a raw public key, in bytes. */
export const X25519_KEY_BYTES = 32;

/** RFC 8410, sections 3 and 4: the SubjectPublicKeyInfo up to the 32 bytes of the key, which are all that differs. */
const PEM_BEGIN = '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VuAyEA';
const PEM_END = '\n-----END PUBLIC KEY-----\n';

/** A fresh pair from the platform's random source. */
export function generateX25519(): X25519KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const raw = decodeBase64url(publicKey.export({ format: 'jwk' }).x ?? '');
  invariant(raw?.length === X25519_KEY_BYTES, 'an X25519 key is exported as 32 bytes');
  return { publicKey: raw, privateKey };
}

/**
 * The 32-byte secret that both sides share. Throws `malformed` for a key that is not 32 bytes and for one of low order,
 * whose result is zero whatever the private key (RFC 7748, section 6.1).
 */
export async function agreeX25519(privateKey: KeyObject, publicKey: Uint8Array): Promise<Uint8Array> {
  if (publicKey.length !== X25519_KEY_BYTES) throw new ProtocolError('malformed', 'an X25519 key has 32 bytes');
  // The text form loads in a third of the time that DER or a JWK take: they come in an object, which is tried as a key first.
  const peer = createPublicKey(`${PEM_BEGIN}${toBase64(publicKey)}${PEM_END}`);
  const shared = agree(privateKey, peer);
  if (shared.every((byte) => byte === 0)) throw lowOrder();
  return shared;
}

function agree(privateKey: KeyObject, publicKey: KeyObject): Uint8Array {
  try {
    return diffieHellman({ privateKey, publicKey });
  } catch (error) {
    // OpenSSL refuses the zero result by itself, and has no other reason to fail on two keys of this type.
    throw lowOrder(error);
  }
}

function lowOrder(cause?: unknown): ProtocolError {
  return new ProtocolError('malformed', 'the X25519 key has a low order', { cause });
}
