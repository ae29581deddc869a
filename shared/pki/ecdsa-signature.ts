/** The two forms of one signature: 64 bytes r ‖ s, as it is made and verified here, and the DER that X.509 and CMS have. */
import { decodeHex, encodeHex } from '../bytes.ts';
import { SIGNATURE_BYTES } from '../crypto/ecdsa.ts';
import { demand, parseDer, TAG } from './der.ts';
import { positiveIntegerHex, sequenceFields } from './der-fields.ts';
import { encodeDer, encodePositive } from './encode-der.ts';

const HALF_BYTES = SIGNATURE_BYTES / 2;
/** A half with its sign byte. */
const MAX_INTEGER_BYTES = HALF_BYTES + 1;

/** r ‖ s to an Ecdsa-Sig-Value (RFC 3279 section 2.2.3). */
export function encodeEcdsaSignature(signature: Uint8Array): Uint8Array {
  const text = encodeHex(signature);
  return encodeDer(
    TAG.sequence,
    encodePositive(text.slice(0, 2 * HALF_BYTES)),
    encodePositive(text.slice(2 * HALF_BYTES)),
  );
}

/** An Ecdsa-Sig-Value to r ‖ s. Throws a `DerError`; whether the halves are in range is for who verifies. */
export function readEcdsaSignature(der: Uint8Array): Uint8Array {
  const fields = sequenceFields(parseDer(der), 'the signature');
  const halves = ['r', 's'].map((name) => {
    const half = positiveIntegerHex(fields.take(TAG.integer, name), MAX_INTEGER_BYTES, name);
    demand(half.length <= 2 * HALF_BYTES, `${name} is too long`);
    return half.padStart(2 * HALF_BYTES, '0');
  });
  fields.end('the signature');
  return decodeHex(halves.join(''));
}
