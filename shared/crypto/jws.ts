/**
 * Everything that is ever signed: a JWS whose header says `ES256`, what it is (`typ`) and who signed it (`kid`), and
 * says nothing else. A signature made for one purpose can't be presented for another.
 */

import type { z } from 'zod';
import type { P256PublicKey } from '#platform/p256.ts';
import { decodeLatin1, encodeBase64url, utf8 } from '../bytes.ts';
import { ProtocolError } from '../errors.ts';
import { invariant } from '../invariant.ts';
import { parseStrictJson } from '../strict-json.ts';
import { MAX_JWS_BYTES } from '../wire/limits.ts';
import type { CompactJws } from '../wire/vocabulary.ts';
import { parseCompactJws, signingInput, verifyCompactJws } from './compact-jws.ts';
import { type P256KeyPair, signP256, verifyP256 } from './ecdsa.ts';
import { jwkThumbprint } from './jwk-thumbprint.ts';

/** What a JWS can be. */
export type JwsType =
  | 'at+jwt'
  | 'proof+jwt'
  | 'revocation-proof+jwt'
  | 'timestamp-batch+jwt'
  | 'session-offer+jwt'
  | 'session-proof+jwt'
  | 'command+jwt'
  | 'disclosure-request+jwt'
  | 'disclosure+jwt'
  | 'checkpoint+jwt'
  | 'cosignature+jwt';

/** A key that signs, wherever it is kept. `sign` gives 64 bytes r ‖ s with low s. */
export interface JwsSigner {
  /** The RFC 7638 thumbprint of the public key. */
  readonly kid: string;
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** A JWS whose form is right and of which nothing else is known: for finding the key that has to verify it. */
export interface UnverifiedJws<Claims> {
  readonly text: CompactJws;
  /** 64 bytes. */
  readonly signature: Uint8Array;
  readonly kid: string;
  readonly claims: Claims;
}

/** A signer that holds its key in this process. */
export function createJwsSigner(key: P256KeyPair): JwsSigner {
  return { kid: jwkThumbprint(key.publicKey), sign: (bytes) => signP256(key.privateKey, bytes) };
}

/** Signs claims, which must fit into 8 KiB together with header and signature. */
export async function signJws(signer: JwsSigner, typ: JwsType, claims: object): Promise<CompactJws> {
  const input = signingInput(headerText(typ, signer.kid), JSON.stringify(claims));
  const text = `${input}.${encodeBase64url(await signer.sign(utf8.encode(input)))}`;
  invariant(text.length <= MAX_JWS_BYTES, 'what is signed here fits into a JWS');
  return text as CompactJws;
}

/**
 * Verifies that `key` signed these claims as a `typ`, and returns them. Throws `frame-too-large`; `malformed` for
 * another form or claims that do not fit the schema; `signature-invalid` for another header (algorithm, type, key) or
 * a signature that does not verify.
 */
export async function verifyJws<Claims>(
  text: string,
  expected: {
    readonly typ: JwsType;
    readonly key: P256PublicKey;
    /** The thumbprint of `key`, where the caller knows it already. */
    readonly kid?: string;
    readonly schema: z.ZodType<Claims>;
  },
): Promise<Claims> {
  const { typ, key, kid = jwkThumbprint(key), schema } = expected;
  const payload = await verifyCompactJws(text, headerText(typ, kid), key);
  return parseClaims(payload, schema);
}

/** Reads a JWS without verifying it. Throws `frame-too-large`, and `malformed` for another form, type or schema. */
export function parseJws<Claims>(text: string, typ: JwsType, schema: z.ZodType<Claims>): UnverifiedJws<Claims> {
  const { header, payload, signature } = parseCompactJws(text);
  const [, named, kid] = HEADER.exec(decodeLatin1(header)) ?? [];
  if (named !== typ || kid === undefined) throw new ProtocolError('malformed', `the header is not that of a ${typ}`);
  return { text: text as CompactJws, signature, kid, claims: parseClaims(payload, schema) };
}

/** What `verifyJws` still has to do for one that `parseJws` has read: throws `signature-invalid` if `key` has not signed it. */
export function verifyParsedJws({ text, signature }: UnverifiedJws<unknown>, key: P256PublicKey): Promise<void> {
  return verifyP256(key, utf8.encode(text.slice(0, text.lastIndexOf('.'))), signature);
}

/** The one way in which `headerText` writes it, where the signer's name is ASCII and needs no escape, as a thumbprint does not. */
const HEADER = /^\{"alg":"ES256","typ":"([^"]*)","kid":"([ !#-[\]-~]*)"\}$/;

function headerText(typ: JwsType, kid: string): string {
  return JSON.stringify({ alg: 'ES256', typ, kid });
}

function parseClaims<Claims>(payload: Uint8Array, schema: z.ZodType<Claims>): Claims {
  const claims = schema.safeParse(parseStrictJson(payload));
  if (claims.success) return claims.data;
  // Names of fields only: a value could be somebody's.
  const fields = claims.error.issues.map((issue) => issue.path.join('.') || '(whole)');
  throw new ProtocolError('malformed', `of the signed claims: ${fields.join(', ')}`);
}
