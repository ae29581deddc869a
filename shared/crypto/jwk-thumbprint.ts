/** The permanent name of a key (RFC 7638): the same whatever bytes the key arrived in. */
import type { KeyObject } from 'node:crypto';
import { utf8 } from '../bytes.ts';
import { invariant } from '../invariant.ts';
import type { Subject } from '../wire/vocabulary.ts';
import { digestOf } from './digest.ts';
import { isP256 } from './ecdsa.ts';

/** Writing a key as a JWK costs half as much as a signature, and the key of a session is asked for with every command. */
const known = new WeakMap<KeyObject, Subject>();

/** The SHA-256 thumbprint of a P-256 key's public JWK, in base64url: a participant's subject, and the `kid` of a signer. */
export function jwkThumbprint(publicKey: KeyObject): Subject {
  const remembered = known.get(publicKey);
  if (remembered !== undefined) return remembered;
  invariant(isP256(publicKey), 'only a P-256 key has a thumbprint here');
  const { crv, kty, x, y } = publicKey.export({ format: 'jwk' });
  // RFC 7638, section 3: the required members alone, in lexicographic order, without blanks.
  const thumbprint = digestOf(utf8.encode(JSON.stringify({ crv, kty, x, y }))) as string as Subject;
  known.set(publicKey, thumbprint);
  return thumbprint;
}
