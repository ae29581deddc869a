/** Argon2id (RFC 9106) in plain JavaScript, which lets others work in between: the twin of `node/argon2id.ts`. */
import { argon2idAsync } from '@noble/hashes/argon2.js';
import type { Argon2Parameters } from '../twins.ts';

export function argon2id({ message, salt, memoryKiB, passes, lanes, length }: Argon2Parameters): Promise<Uint8Array> {
  return argon2idAsync(message, salt, { m: memoryKiB, t: passes, p: lanes, dkLen: length });
}
