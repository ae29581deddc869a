/** SHA-256, the one hash of the protocol, and the digests that have a name in it. */
import { hashSha256 } from '#platform/sha256.ts';
import { encodeBase64url, utf8 } from '../bytes.ts';
import { canonicalJson } from '../canonical-json.ts';
import type { LotTerms } from '../wire/commands.ts';
import type { Digest } from '../wire/vocabulary.ts';

/** SHA-256 (FIPS 180-4) of the parts, one after the other; 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return hashSha256(parts);
}

/** The SHA-256 of bytes in base64url, as it travels. */
export function digestOf(bytes: Uint8Array): Digest {
  return encodeBase64url(sha256(bytes)) as Digest;
}

/** The same of a text's UTF-8 bytes; of a JWS this is the imprint that gets stamped. */
export function digestOfText(ascii: string): Digest {
  return digestOf(utf8.encode(ascii));
}

/** What a bidder signs to name the terms: the SHA-256 of their RFC 8785 form. */
export function digestOfTerms(terms: LotTerms): Digest {
  return digestOf(canonicalJson(terms));
}
