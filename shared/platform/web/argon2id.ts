/** Argon2id (RFC 9106) in plain JavaScript, which lets others work in between: the twin of `node/argon2id.ts`. */
import { argon2idAsync } from '@noble/hashes/argon2.js';

export interface Argon2Parameters {
  readonly message: Uint8Array;
  readonly salt: Uint8Array;
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
  readonly length: number;
}

export function argon2id({ message, salt, memoryKiB, passes, lanes, length }: Argon2Parameters): Promise<Uint8Array> {
  return argon2idAsync(message, salt, { m: memoryKiB, t: passes, p: lanes, dkLen: length });
}
