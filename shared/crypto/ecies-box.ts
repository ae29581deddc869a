/** Sealing and opening in pure JavaScript, as a client in any place can: the one door of `eciesjs`. */
import { decrypt, encrypt, PrivateKey } from 'eciesjs';
import { Config } from 'eciesjs/config';
import { ProtocolError } from '../../shared/errors.ts';

/** One agreement key, both halves raw, 32 bytes each. */
export interface AgreementKey {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Ours, not the package's global one: nobody else can change the wire format under us. */
const WIRE_FORMAT = new Config();
WIRE_FORMAT.ellipticCurve = 'x25519';
WIRE_FORMAT.symmetricAlgorithm = 'aes-256-gcm';
WIRE_FORMAT.symmetricNonceLength = 16;

/** A fresh agreement key. */
export function generateAgreementKey(): AgreementKey {
  const key = new PrivateKey(undefined, 'x25519');
  return { privateKey: key.secret, publicKey: key.publicKey.toBytes() };
}

/** Seals to a raw X25519 key: ephemeral key (32) ‖ nonce (16) ‖ tag (16) ‖ ciphertext. Throws `malformed` for a bad key. */
export function sealForKey(publicKey: Uint8Array, plaintext: Uint8Array): Uint8Array {
  try {
    return encrypt(publicKey, plaintext, WIRE_FORMAT);
  } catch (cause) {
    // The library has one reason to fail here: a key of another length or of low order.
    throw new ProtocolError('malformed', 'nothing can be sealed to this key', { cause });
  }
}

/** Opens what was sealed to one of the keys, which are tried in order. Throws `envelope-unreadable`. */
export function openWithKeys(keys: readonly AgreementKey[], sealed: Uint8Array): Uint8Array {
  for (const key of keys) {
    try {
      return decrypt(key.privateKey, sealed, WIRE_FORMAT);
    } catch {
      // Sealed to another of our keys, or to nobody: the next one shows it.
    }
  }
  throw new ProtocolError('envelope-unreadable', 'none of the keys kept here opens it');
}
