/** The permanent name of a key (RFC 7638): the same whatever bytes the key arrived in. */
import { coordinatesOf, type P256PublicKey } from '#platform/p256.ts';
import { utf8 } from '../bytes.ts';
import { invariant } from '../invariant.ts';
import type { Subject } from '../wire/vocabulary.ts';
import { digestOf } from './digest.ts';
import { isP256 } from './ecdsa.ts';

/** Writing a key as a JWK costs half as much as a signature, and the key of a session is asked for with every command. */
const known = new WeakMap<P256PublicKey, Subject>();

/** The SHA-256 thumbprint of a P-256 key's public JWK, in base64url: a participant's subject, and the `kid` of a signer. */
export function jwkThumbprint(publicKey: P256PublicKey): Subject {
  const remembered = known.get(publicKey);
  if (remembered !== undefined) return remembered;
  invariant(isP256(publicKey), 'only a P-256 key has a thumbprint here');
  const { x, y } = coordinatesOf(publicKey);
  // RFC 7638, section 3: the required members alone, in lexicographic order, without blanks.
  const thumbprint = digestOf(utf8.encode(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }))) as string as Subject;
  known.set(publicKey, thumbprint);
  return thumbprint;
}
