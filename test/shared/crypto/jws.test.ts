import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { generateP256, signP256 } from '../../../shared/crypto/ecdsa.ts';
import { jwkThumbprint } from '../../../shared/crypto/jwk-thumbprint.ts';
import { createJwsSigner, type JwsType, parseJws, signJws, verifyJws } from '../../../shared/crypto/jws.ts';
import { InvariantViolation } from '../../../shared/invariant.ts';
import { MAX_JWS_BYTES } from '../../../shared/wire/limits.ts';
import { codeThrownBy, refusalOf } from '../../support/refusal.ts';

const TYPES: readonly JwsType[] = [
  'at+jwt',
  'proof+jwt',
  'revocation-proof+jwt',
  'timestamp-batch+jwt',
  'session-offer+jwt',
  'session-proof+jwt',
  'command+jwt',
  'disclosure-request+jwt',
  'disclosure+jwt',
];

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const pair = generateP256();
const signer = createJwsSigner(pair);
const schema = z.strictObject({ lot: z.string(), amount: z.int() });
const claims = { lot: 'desk', amount: 120 };
const expected = { typ: 'command+jwt', key: pair.publicKey, schema } as const;

const encode = (data: string | Uint8Array) => Buffer.from(data).toString('base64url');
const verify = (text: string) => refusalOf(verifyJws(text, expected));
const parse = (text: string) => codeThrownBy(() => parseJws(text, 'command+jwt', schema));

/** A JWS with any header and payload, honestly signed by our key. */
async function signed(header: string, payload: string): Promise<string> {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${encode(await signP256(pair.privateKey, new TextEncoder().encode(input)))}`;
}

const header = (members: object) => JSON.stringify(members);
const rightHeader = header({ alg: 'ES256', typ: 'command+jwt', kid: signer.kid });

describe('a JWS', () => {
  it('gives back the claims that were signed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.integer(), async (lot, amount) => {
        const text = await signJws(signer, 'command+jwt', { lot, amount });
        expect(await verifyJws(text, expected)).toEqual({ lot, amount });
        expect(parseJws(text, 'command+jwt', schema)).toMatchObject({ text, kid: signer.kid, claims: { lot, amount } });
      }),
      { numRuns: 25 },
    );
  });

  it('names its key by the thumbprint', () => {
    expect(signer.kid).toBe(jwkThumbprint(pair.publicKey));
  });

  it('is not signed when it would be too large to verify', async () => {
    await expect(signJws(signer, 'command+jwt', { lot: 'x'.repeat(MAX_JWS_BYTES) })).rejects.toThrow(
      InvariantViolation,
    );
  });
});

describe('a signature made for one purpose', () => {
  const pairings = TYPES.flatMap((made) => TYPES.map((wanted) => ({ made, wanted })));

  it.each(pairings)('$made, presented as $wanted', async ({ made, wanted }) => {
    const text = await signJws(signer, made, claims);
    const refused = await refusalOf(verifyJws(text, { ...expected, typ: wanted }));
    expect(refused).toBe(made === wanted ? undefined : 'signature-invalid');
    expect(codeThrownBy(() => parseJws(text, wanted, schema))).toBe(made === wanted ? undefined : 'malformed');
  });
});

describe('the header', () => {
  const jwk = pair.publicKey.export({ format: 'jwk' });
  const { kid } = signer;
  const typ = 'command+jwt';

  it('that we write is taken', async () => {
    expect(await verify(await signed(rightHeader, JSON.stringify(claims)))).toBeUndefined();
  });

  it.each([
    { what: 'another algorithm', text: header({ alg: 'ES384', typ, kid }) },
    { what: 'no algorithm', text: header({ typ, kid }) },
    { what: 'the algorithm none', text: header({ alg: 'none', typ, kid }) },
    { what: 'no type', text: header({ alg: 'ES256', kid }) },
    { what: 'a type in capitals', text: header({ alg: 'ES256', typ: 'COMMAND+JWT', kid }) },
    { what: 'a key of its own', text: header({ alg: 'ES256', typ, kid, jwk }) },
    { what: 'an address of keys', text: header({ alg: 'ES256', typ, kid, jku: 'https://127.0.0.1/keys' }) },
    { what: 'an address of certificates', text: header({ alg: 'ES256', typ, kid, x5u: 'https://127.0.0.1/' }) },
    { what: 'a certificate', text: header({ alg: 'ES256', typ, kid, x5c: ['MA=='] }) },
    { what: 'critical members', text: header({ alg: 'ES256', typ, kid, crit: ['b64'], b64: false }) },
    { what: 'another order', text: header({ typ, alg: 'ES256', kid }) },
    { what: 'blanks', text: `${rightHeader.slice(0, -1)} }` },
    { what: 'a byte order mark', text: `\ufeff${rightHeader}` },
    { what: 'a member twice', text: rightHeader.replace('{', '{"alg":"none",') },
    { what: 'an escape', text: rightHeader.replace('ES256', String.raw`\u00452S256`) },
    { what: 'a key that is no text', text: header({ alg: 'ES256', typ, kid: 7 }) },
    { what: 'a key whose name has an escape', text: header({ alg: 'ES256', typ, kid: 'a"b' }) },
    { what: 'a key whose name is not ASCII', text: header({ alg: 'ES256', typ, kid: 'é' }) },
    { what: 'a line behind it', text: `${rightHeader}\n` },
    { what: 'nothing', text: '' },
    { what: 'no object', text: '[]' },
  ])('with $what is refused, although the signature holds', async ({ text }) => {
    const jws = await signed(text, JSON.stringify(claims));
    expect(await verify(jws)).toBe('signature-invalid');
    expect(parse(jws)).toBe('malformed');
  });

  it('of another key is refused, and so is another key under this name', async () => {
    const other = generateP256();
    const byOther = await signJws(createJwsSigner(other), 'command+jwt', claims);
    expect(await verify(byOther)).toBe('signature-invalid');
    const lying = { kid: signer.kid, sign: (bytes: Uint8Array) => signP256(other.privateKey, bytes) };
    expect(await verify(await signJws(lying, 'command+jwt', claims))).toBe('signature-invalid');
    expect(await refusalOf(verifyJws(byOther, { ...expected, key: other.publicKey, kid: signer.kid }))).toBe(
      'signature-invalid',
    );
  });

  it('HS256 with the public key as its secret is refused', async () => {
    const input = `${encode(header({ alg: 'HS256', typ, kid }))}.${encode(JSON.stringify(claims))}`;
    for (const secret of [
      pair.publicKey.export({ format: 'pem', type: 'spki' }),
      pair.publicKey.export({ format: 'der', type: 'spki' }),
    ]) {
      const mac = createHmac('sha256', secret).update(input).digest();
      expect(await verify(`${input}.${encode(mac)}`)).toBe('malformed');
      expect(await verify(`${input}.${encode(Buffer.concat([mac, mac]))}`)).toBe('signature-invalid');
    }
  });
});

describe('the form', async () => {
  const text = await signJws(signer, 'command+jwt', claims);
  const [head = '', payload = '', signature = ''] = text.split('.');

  it.each([
    { what: 'padding', jws: `${text}==` },
    { what: 'a blank behind', jws: `${text} ` },
    { what: 'a line break in front', jws: `\n${text}` },
    { what: 'a blank inside', jws: `${head}.${payload}. ${signature}` },
    { what: 'another part', jws: `${text}.` },
    { what: 'five parts', jws: `${text}..` },
    { what: 'two parts', jws: `${head}.${payload}` },
    { what: 'no signature', jws: `${head}.${payload}.` },
    { what: 'spare bits', jws: withSpareBits(text) },
    { what: 'the other base64', jws: `${head}.${payload}.${signature.slice(0, -2)}+/` },
    { what: 'a longer signature', jws: `${head}.${payload}.AA${signature}` },
    { what: 'a JSON serialization', jws: JSON.stringify({ protected: head, payload, signature }) },
    { what: 'nothing', jws: '' },
    { what: 'dots', jws: '.'.repeat(MAX_JWS_BYTES) },
  ])('with $what is refused', async ({ jws }) => {
    expect(await verify(jws)).toBe('malformed');
    expect(parse(jws)).toBe('malformed');
  });

  it('above 8 KiB is refused by its length', async () => {
    const long = await signed(rightHeader, JSON.stringify({ ...claims, lot: 'x'.repeat(MAX_JWS_BYTES) }));
    expect(await verify(long)).toBe('frame-too-large');
    expect(parse(long)).toBe('frame-too-large');
  });

  it('with the other s is refused: it would verify', async () => {
    const bytes = Buffer.from(signature, 'base64url');
    const s = ORDER - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
    const twin = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
    expect(await verify(`${head}.${payload}.${encode(twin)}`)).toBe('signature-invalid');
  });

  it('with other claims under the signature is refused', async () => {
    const dearer = encode(JSON.stringify({ ...claims, amount: 1 }));
    expect(await verify(`${head}.${dearer}.${signature}`)).toBe('signature-invalid');
  });
});

describe('claims', () => {
  it.each([
    { what: 'a member twice', payload: '{"lot":"desk","amount":1,"amount":120}' },
    { what: 'a member twice in two spellings', payload: String.raw`{"lot":"desk","amount":1,"\u0061mount":120}` },
    { what: 'a member more', payload: '{"lot":"desk","amount":120,"note":""}' },
    { what: 'a member less', payload: '{"lot":"desk"}' },
    { what: '__proto__', payload: '{"lot":"desk","amount":120,"__proto__":{}}' },
    { what: 'a number beyond numbers', payload: '{"lot":"desk","amount":1e999}' },
    { what: 'a fraction', payload: '{"lot":"desk","amount":1.5}' },
    { what: 'a text for a number', payload: '{"lot":"desk","amount":"120"}' },
    { what: 'no JSON', payload: 'desk' },
    { what: 'nothing', payload: '' },
  ])('with $what are refused, although they are signed', async ({ payload }) => {
    const jws = await signed(rightHeader, payload);
    expect(await verify(jws)).toBe('malformed');
    expect(parse(jws)).toBe('malformed');
  });

  it('may be written with blanks, as other languages do', async () => {
    expect(await verify(await signed(rightHeader, '{ "amount": 120,\n  "lot": "desk" }'))).toBeUndefined();
  });

  it('that are refused are named, not repeated', async () => {
    const jws = await signed(rightHeader, '{"lot":"a secret","amount":"another secret"}');
    await expect(verifyJws(jws, expected)).rejects.toSatisfy(
      (error: Error) => error.message.includes('amount') && !error.message.includes('secret'),
    );
  });
});

/** The last character of 64 bytes carries four bits that say nothing: the same bytes in another spelling. */
function withSpareBits(jws: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(jws.at(-1) ?? '');
  return jws.slice(0, -1) + alphabet[last ^ 1];
}
