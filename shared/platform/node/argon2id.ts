/** Argon2id (RFC 9106) by OpenSSL, off the main thread. Its twin is `web/argon2id.ts`. */
import { argon2 } from 'node:crypto';
import type { Argon2Parameters } from '../twins.ts';

export function argon2id({ message, salt, memoryKiB, passes, lanes, length }: Argon2Parameters): Promise<Uint8Array> {
  const parameters = { message, nonce: salt, parallelism: lanes, memory: memoryKiB, passes, tagLength: length };
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
