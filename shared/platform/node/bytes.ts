/** Text forms of bytes, by Node's `Buffer`. Its twin for every other place is `web/bytes.ts`; shared/bytes.ts says what is canonical. */

export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}

/** By the first byte that differs, then by length: below, at or above 0. */
export function compare(left: Uint8Array, right: Uint8Array): number {
  return Buffer.compare(left, right);
}

export function toHex(bytes: Uint8Array): string {
  return view(bytes).toString('hex');
}

/** Of an even number of hexadecimal digits. */
export function fromHex(digits: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(digits, 'hex'));
}

/** With padding. */
export function toBase64(bytes: Uint8Array): string {
  return view(bytes).toString('base64');
}

export function toBase64url(bytes: Uint8Array): string {
  return view(bytes).toString('base64url');
}

/** Of either alphabet. What is not canonical gives bytes whose text is another one. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

/** One character for each byte. */
export function toLatin1(bytes: Uint8Array): string {
  return view(bytes).toString('latin1');
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
