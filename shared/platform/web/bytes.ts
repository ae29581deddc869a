/** Text forms of bytes in plain JavaScript: the twin of `node/bytes.ts`. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL_ALPHABET = `${ALPHABET.slice(0, 62)}-_`;
const VALUES: ReadonlyMap<string, number> = new Map(
  [ALPHABET, URL_ALPHABET].flatMap((alphabet) => Array.from(alphabet, (digit, value) => [digit, value] as const)),
);

export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return all;
}

/** By the first byte that differs, then by length: below, at or above 0. */
export function compare(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return Math.sign(left.length - right.length);
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Of an even number of hexadecimal digits. */
export function fromHex(digits: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** With padding. */
export function toBase64(bytes: Uint8Array): string {
  const digits = digitsOf(bytes, ALPHABET);
  return digits.padEnd(Math.ceil(digits.length / 4) * 4, '=');
}

export function toBase64url(bytes: Uint8Array): string {
  return digitsOf(bytes, URL_ALPHABET);
}

/** Of either alphabet. What is not canonical gives bytes whose text is another one. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  let [bits, held] = [0, 0];
  for (const digit of text) {
    const value = VALUES.get(digit);
    if (value === undefined) break;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 0xff);
  }
  return Uint8Array.from(bytes);
}

/** One character for each byte. */
export function toLatin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

/** Six bits for each digit; the last one is filled up with zeros. */
function digitsOf(bytes: Uint8Array, alphabet: string): string {
  const digits: string[] = [];
  for (let index = 0; index < bytes.length; index += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(index, index + 3);
    const group = (first << 16) | (second << 8) | third;
    const count = Math.min(3, bytes.length - index) + 1;
    for (let place = 0; place < count; place++) digits.push(alphabet.charAt((group >> (18 - 6 * place)) & 0x3f));
  }
  return digits.join('');
}
