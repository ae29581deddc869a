/**
 * The two forms of an ECDSA signature over P-256: 64 bytes r ‖ s, as they are kept here, and the DER of RFC 3279, section
 * 2.2.3, which OpenSSL speaks. Node would translate as well, but only for a key inside of an options object, and it
 * spends 50 µs on finding out that this object is no key.
 */

const HALF_BYTES = 32;
const SEQUENCE = 0x30;
const INTEGER = 0x02;

/** 64 bytes r ‖ s to DER. */
export function toDer(signature: Uint8Array): Uint8Array {
  const [r, s] = [toInteger(signature.subarray(0, HALF_BYTES)), toInteger(signature.subarray(HALF_BYTES))];
  const der = new Uint8Array(2 + r.length + s.length);
  der.set([SEQUENCE, r.length + s.length]);
  der.set(r, 2);
  der.set(s, 2 + r.length);
  return der;
}

/** What OpenSSL has made, to 64 bytes. */
export function toRaw(der: Uint8Array): Uint8Array {
  const raw = new Uint8Array(2 * HALF_BYTES);
  let from = 2;
  for (const half of [1, 2]) {
    const end = from + 2 + (der[from + 1] ?? 0);
    // Without the zero in front that says that the number is positive.
    const digits = der.subarray(from + 2, end).subarray(-HALF_BYTES);
    raw.set(digits, half * HALF_BYTES - digits.length);
    from = end;
  }
  return raw;
}

/** The shortest form of a number that is not negative. */
function toInteger(half: Uint8Array): Uint8Array {
  let first = 0;
  while (half[first] === 0) first++;
  const digits = half.subarray(first);
  // Of zero, nothing is left; and what begins with a one in its first bit would be negative.
  const zeros = (digits[0] ?? 0x80) < 0x80 ? 0 : 1;
  const integer = new Uint8Array(2 + zeros + digits.length);
  integer.set([INTEGER, zeros + digits.length]);
  integer.set(digits, 2 + zeros);
  return integer;
}
