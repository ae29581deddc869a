import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIdentitySigner, generateIdentityKey } from '../../client/sealing/p256-signer.ts';
import { sealCommand, signStatement } from '../../client/sealing/seal-command.ts';
import { decodeBase64url, utf8 } from '../../shared/bytes.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { generateP256, hasLowS, verifyP256 } from '../../shared/crypto/ecdsa.ts';
import { beginSealing, generateSealingKey, openSealed, sealTo } from '../../shared/crypto/ecies.ts';
import { generateAgreementKey, openWithKeys, sealForKey } from '../../shared/crypto/ecies-box.ts';
import { createJwsSigner, signJws, verifyJws } from '../../shared/crypto/jws.ts';
import { parseStrictJson } from '../../shared/strict-json.ts';
import { BidStatement, CommandEnvelope } from '../../shared/wire/commands.ts';
import { refusalOf } from '../support/refusal.ts';
import { stampBatch } from '../support/stamp.ts';

const bytes = fc.uint8Array({ maxLength: 2_000 });
const FEW = { numRuns: 20 };

const STATEMENT = BidStatement.parse({
  v: 1,
  aud: '5f0c4a52-0c1f-4f0e-9b1a-3a6a5c0d8e21',
  id: '3f1c2b1a-7d0e-4c59-9d0a-2f6f3b8e1a77',
  type: 'bid',
  lot: '7b2d0c39-58a1-4f0e-8a83-0a7b3c1de5f1',
  terms: digestOfText('terms'),
  amount: 12_000,
});

describe('signatures of @noble/curves', () => {
  const signer = createIdentitySigner(generateIdentityKey());

  it('verify natively, are deterministic and have a low s', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (message) => {
        const signature = await signer.sign(message);
        await verifyP256(signer.keys.publicKey, message, signature);
        expect(hasLowS(signature)).toBe(true);
        expect(await signer.sign(message)).toEqual(signature);
      }),
      FEW,
    );
  });

  it('make a JWS that the servers take, with the subject as its kid', async () => {
    const { statement, imprint } = await signStatement(signer, STATEMENT);
    const expected = { typ: 'command+jwt', key: signer.keys.publicKey, kid: signer.kid, schema: BidStatement } as const;
    expect(await verifyJws(statement, expected)).toEqual(STATEMENT);
    expect(imprint).toBe(digestOfText(statement));
    expect((await signStatement(signer, STATEMENT)).statement).toBe(statement);
  });

  it('are no signatures of another key', async () => {
    const other = createIdentitySigner(generateIdentityKey());
    const signature = await other.sign(utf8.encode('bid'));
    expect(await refusalOf(verifyP256(signer.keys.publicKey, utf8.encode('bid'), signature))).toBe('signature-invalid');
  });

  it('the same key signs natively too', async () => {
    const native = createJwsSigner(signer.keys);
    expect(native.kid).toBe(signer.kid);
    const text = await signJws(native, 'command+jwt', STATEMENT);
    await verifyJws(text, { typ: 'command+jwt', key: signer.keys.publicKey, schema: BidStatement });
  });
});

describe('envelopes of eciesjs', () => {
  it('open natively', async () => {
    const key = generateSealingKey();
    await fc.assert(
      fc.asyncProperty(bytes, async (message) => {
        expect(new Uint8Array(await openSealed(key, sealForKey(key.publicKey, message)))).toEqual(message);
      }),
      FEW,
    );
  });

  it('sealed natively open with the right one of several keys', async () => {
    const keys = [generateAgreementKey(), generateAgreementKey(), generateAgreementKey()];
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom(...keys), async (message, { publicKey }) => {
        expect(openWithKeys(keys, await sealTo(publicKey, message))).toEqual(message);
      }),
      FEW,
    );
  });

  it('that were changed in any byte open nowhere', async () => {
    const key = generateAgreementKey();
    const sealed = await sealTo(key.publicKey, utf8.encode('a name'));
    for (let index = 0; index < sealed.length; index += 7) {
      const changed = Uint8Array.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 0x01;
      const open = async () => openWithKeys([key], changed);
      expect(await refusalOf(open())).toBe('envelope-unreadable');
    }
    const cut = async () => openWithKeys([key], sealed.subarray(0, 63));
    expect(await refusalOf(cut())).toBe('envelope-unreadable');
  });

  it.each([31, 33])('are not made for a key of %d bytes, nor for one of low order', async (length) => {
    const seal = async (key: Uint8Array) => sealForKey(key, utf8.encode('bid'));
    expect(await refusalOf(seal(new Uint8Array(length).fill(9)))).toBe('malformed');
    expect(await refusalOf(seal(new Uint8Array(32)))).toBe('malformed');
  });
});

describe('a command', () => {
  it('signed, stamped and sealed by the client is what the DMS reads', async () => {
    const signer = createIdentitySigner(generateIdentityKey());
    const session = generateSealingKey();
    const signed = await signStatement(signer, STATEMENT);
    const [timestamp] = await stampBatch(createJwsSigner(generateP256()), [signed.imprint]);
    const sealed = sealCommand(signed, timestamp!, await beginSealing(session.publicKey));
    const envelope = CommandEnvelope.parse(parseStrictJson(await openSealed(session, decodeBase64url(sealed)!)));
    expect(envelope).toEqual({ statement: signed.statement, timestamp });
  });
});
