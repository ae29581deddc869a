/** How secret keys lie on disk: as they are, or under a passphrase (argon2id, RFC 9106, then AES-256-GCM). */

import { z } from 'zod';
import { argon2id } from '#platform/argon2id.ts';
import { concatBytes, decodeBase64url, encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { openAesGcm, sealAesGcm, TAG_BYTES } from '../../shared/crypto/aes-gcm.ts';
import { randomBytes } from '../../shared/crypto/random.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { ClientError } from '../client-error.ts';

/** What deriving a key costs whoever guesses. */
export interface Argon2Cost {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
}

/** RFC 9106, section 4, the second recommended option: for machines where 2 GiB would be too much. */
export const RECOMMENDED_COST: Argon2Cost = { memoryKiB: 65_536, passes: 3, lanes: 4 };

const base64url = z.string().refine((text) => decodeBase64url(text) !== undefined);

/** Secrets as a file has them. The limits keep an edited file from taking the machine's memory. */
export const StoredSecrets = z.discriminatedUnion('protection', [
  z.strictObject({ protection: z.literal('none'), secrets: base64url }),
  z.strictObject({
    protection: z.literal('argon2id-aes-256-gcm'),
    memoryKiB: z.int().min(64).max(4_194_304),
    passes: z.int().min(1).max(64),
    lanes: z.int().min(1).max(64),
    salt: base64url,
    /** nonce (12) ‖ tag (16) ‖ ciphertext */
    sealed: base64url,
  }),
]);
export type StoredSecrets = z.infer<typeof StoredSecrets>;

/** Puts secrets into their stored form and back. One per home and run: the passphrase itself is not kept. */
export interface SecretBox {
  seal(secrets: Uint8Array): StoredSecrets;
}

/** For a home without a passphrase: the rights of the file are the protection. */
export const openBox: SecretBox = {
  seal: (secrets) => ({ protection: 'none', secrets: encodeBase64url(secrets) }),
};

/** A box under a new passphrase. */
export async function createLockedBox(passphrase: string, cost: Argon2Cost = RECOMMENDED_COST): Promise<SecretBox> {
  const salt = randomBytes(SALT_BYTES);
  return lockedBox(await deriveKey(passphrase, cost, salt), cost, salt);
}

/** Opens stored secrets, and the box to put them back. Throws `passphrase-missing` and `passphrase-wrong`. */
export async function openStored(
  stored: StoredSecrets,
  passphrase?: string,
): Promise<{ readonly secrets: Uint8Array; readonly box: SecretBox }> {
  if (stored.protection === 'none') return { secrets: bytesOf(stored.secrets), box: openBox };
  if (passphrase === undefined) throw new ClientError('passphrase-missing');
  const { memoryKiB, passes, lanes } = stored;
  const salt = bytesOf(stored.salt);
  const cost = { memoryKiB, passes, lanes };
  const key = await deriveKey(passphrase, cost, salt);
  return { secrets: unseal(key, bytesOf(stored.sealed)), box: lockedBox(key, cost, salt) };
}

const SALT_BYTES = 16;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
/** Says what the ciphertext is, so that it is taken for nothing else. */
const PURPOSE = utf8.encode('gavel identity v1');

/** Under one key at most some thousands of files are written in a life: random nonces of 12 bytes never meet. */
function lockedBox(key: Uint8Array, cost: Argon2Cost, salt: Uint8Array): SecretBox {
  return {
    seal: (secrets) => {
      const nonce = randomBytes(NONCE_BYTES);
      const { tag, ciphertext } = sealAesGcm(key, nonce, secrets, PURPOSE);
      const sealed = encodeBase64url(concatBytes(nonce, tag, ciphertext));
      return { protection: 'argon2id-aes-256-gcm', ...cost, salt: encodeBase64url(salt), sealed };
    },
  };
}

function unseal(key: Uint8Array, sealed: Uint8Array): Uint8Array {
  const [nonce, tag] = [sealed.subarray(0, NONCE_BYTES), sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)];
  if (tag.length !== TAG_BYTES) throw new ClientError('home-unreadable', 'the sealed keys are cut off');
  try {
    return openAesGcm(key, nonce, { tag, ciphertext: sealed.subarray(NONCE_BYTES + TAG_BYTES) }, PURPOSE);
  } catch (cause) {
    if (cause instanceof ProtocolError) throw new ClientError('passphrase-wrong', undefined, { cause });
    throw cause;
  }
}

/** Composed and decomposed letters are the same passphrase (RFC 8265, section 4.2). */
function deriveKey(passphrase: string, cost: Argon2Cost, salt: Uint8Array): Promise<Uint8Array> {
  return argon2id({ message: utf8.encode(passphrase.normalize('NFC')), salt, ...cost, length: KEY_BYTES });
}

function bytesOf(text: string): Uint8Array {
  return decodeBase64url(text) ?? new Uint8Array();
}
