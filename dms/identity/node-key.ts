/** The node's identity key: made at the first start, kept in a file that its owner alone may read. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { generateP256, isP256, type P256KeyPair } from '../../shared/crypto/ecdsa.ts';
import type { PrivateFolder } from '../../shared/private-folder.ts';
import { StartError } from '../../shared/start-error.ts';

const FILE = 'node-key.pem';

/** The key of this folder, PKCS #8 in PEM. Throws `StartError` for a file that holds something else. */
export function loadNodeKey(folder: PrivateFolder): P256KeyPair {
  const kept = folder.readSecret(FILE);
  if (kept !== undefined) return parseKey(kept, `${folder.path}/${FILE}`);
  const keys = generateP256();
  folder.writeSecret(FILE, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return keys;
}

function parseKey(pem: string, path: string): P256KeyPair {
  try {
    const privateKey = createPrivateKey(pem);
    if (isP256(privateKey)) return { privateKey, publicKey: createPublicKey(privateKey) };
  } catch (cause) {
    throw new StartError(`${path} holds no key; restore it, or remove it to get a new one.`, { cause });
  }
  throw new StartError(`${path} holds a key of another kind; restore it, or remove it to get a new one.`);
}
