import type { KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../../shared/bytes.ts';
import { digestOfText } from '../../../shared/crypto/digest.ts';
import { generateP256 } from '../../../shared/crypto/ecdsa.ts';
import { createJwsSigner, signJws } from '../../../shared/crypto/jws.ts';
import { hashLeaf } from '../../../shared/merkle/tree.ts';
import { readStamp } from '../../../shared/timestamp/timestamp-token.ts';
import { TimestampVerifier } from '../../../shared/timestamp/verify-timestamp.ts';
import type { TimestampToken } from '../../../shared/wire/timestamp-token.ts';
import type { CompactJws, Digest, Serial } from '../../../shared/wire/vocabulary.ts';
import { refusalOf } from '../../support/refusal.ts';
import { someImprints, stampBatch, TEST_AUTHORITY } from '../../support/stamp.ts';

const pair = generateP256();
const signer = createJwsSigner(pair);
const imprints = someImprints(9);

/** The keys of the authority, counting how often one was taken out to verify a signature. */
class CountedKeys extends Map<string, KeyObject> {
  taken = 0;
  override get(kid: string): KeyObject | undefined {
    this.taken += 1;
    return super.get(kid);
  }
}

function create(clock?: 'real' | 'simulated') {
  const keys = new CountedKeys([[signer.kid, pair.publicKey]]);
  const verifier = new TimestampVerifier(() => keys, TEST_AUTHORITY, clock);
  return {
    keys,
    verifier,
    refusal: (token: TimestampToken, imprint: Digest) => refusalOf(verifier.verify(token, imprint)),
  };
}

describe('a timestamp token', () => {
  it('says of its imprint what the batch says', async () => {
    const { verifier } = create('real');
    for (const size of [1, 2, 3, 9]) {
      const tokens = await stampBatch(signer, imprints.slice(0, size));
      for (const [index, token] of tokens.entries()) {
        expect(await verifier.verify(token, imprints[index]!)).toEqual(readStamp(token));
      }
    }
  });

  it('says nothing about another imprint, from the same batch or not', async () => {
    const { refusal } = create();
    const tokens = await stampBatch(signer, imprints);
    for (const [index, token] of tokens.entries()) {
      expect(await refusal(token, imprints[(index + 1) % imprints.length]!)).toBe('timestamp-not-for-statement');
      expect(await refusal(token, digestOfText('another'))).toBe('timestamp-not-for-statement');
    }
  });

  it('has one place: moved within its batch, or to another batch, it is refused', async () => {
    const { refusal } = create();
    const [first, second] = await stampBatch(signer, imprints);
    const [elsewhere] = await stampBatch(signer, [digestOfText('another'), ...imprints]);
    expect(await refusal({ ...first!, index: 1 }, imprints[0]!)).toBe('timestamp-not-for-statement');
    expect(await refusal({ ...first!, path: second!.path }, imprints[0]!)).toBe('timestamp-not-for-statement');
    expect(await refusal({ ...first!, batch: elsewhere!.batch }, imprints[0]!)).toBe('timestamp-not-for-statement');
  });

  it('is refused with a path of another length or form, or beyond its batch', async () => {
    const { refusal } = create();
    const [token] = await stampBatch(signer, imprints);
    const { path } = token!;
    for (const wrong of [
      { path: path.slice(1) },
      { path: [...path, path[0]!] },
      { path: [] },
      { path: path.with(0, `${path[0]!}=`) },
      { path: path.with(0, encodeBase64url(new Uint8Array(31))) },
      { index: 9 },
      { index: -1 },
      { index: 0.5 },
    ]) {
      expect(await refusal({ ...token!, ...wrong }, imprints[0]!), JSON.stringify(wrong)).toBe('timestamp-invalid');
    }
  });

  it('does not stand for a node of its tree', async () => {
    // A batch of two: its root is a node, and no imprint hashes to one.
    const { refusal } = create();
    const [token] = await stampBatch(signer, imprints.slice(0, 2));
    const node = encodeBase64url(hashLeaf(new Uint8Array(32))) as Digest;
    expect(await refusal({ ...token!, index: 0, path: [] }, node)).toBe('timestamp-invalid');
  });
});

describe('a timestamp batch', () => {
  it('is refused when another key signed it, under its own name or a borrowed one', async () => {
    const { refusal } = create();
    const other = createJwsSigner(generateP256());
    const [own] = await stampBatch(other, imprints);
    const [borrowed] = await stampBatch({ ...other, kid: signer.kid }, imprints);
    expect(await refusal(own!, imprints[0]!)).toBe('timestamp-invalid');
    expect(await refusal(borrowed!, imprints[0]!)).toBe('timestamp-invalid');
  });

  it('is refused when it is of another authority', async () => {
    const { refusal } = create();
    const [token] = await stampBatch(signer, imprints, { iss: `sha256:${'cd'.repeat(32)}` });
    expect(await refusal(token!, imprints[0]!)).toBe('timestamp-invalid');
  });

  it('is refused when its clock is not of the kind that is valid here', async () => {
    const [real] = await stampBatch(signer, imprints);
    const [simulated] = await stampBatch(signer, imprints, { clock: 'simulated' });
    expect(await create('real').refusal(simulated!, imprints[0]!)).toBe('timestamp-wrong-clock');
    expect(await create('simulated').refusal(real!, imprints[0]!)).toBe('timestamp-wrong-clock');
    expect(await create('simulated').refusal(simulated!, imprints[0]!)).toBeUndefined();
    expect(await create().refusal(simulated!, imprints[0]!)).toBeUndefined();
  });

  it('is refused as another kind of JWS by the same key, or as none', async () => {
    const { refusal } = create();
    const [token] = await stampBatch(signer, imprints);
    const claims = JSON.parse(Buffer.from(token!.batch.split('.')[1]!, 'base64url').toString()) as object;
    const command = await signJws(signer, 'command+jwt', claims);
    for (const batch of [command, '' as CompactJws, 'a.b.c' as CompactJws]) {
      expect(await refusal({ ...token!, batch }, imprints[0]!)).toBe('timestamp-invalid');
    }
  });

  it('is refused when a claim was changed under the signature', async () => {
    const { refusal } = create();
    const [token] = await stampBatch(signer, imprints);
    const [header, payload, signature] = token!.batch.split('.');
    const claims = Buffer.from(payload!, 'base64url').toString().replace('1763690000000', '1763690000001');
    const batch = `${header}.${Buffer.from(claims).toString('base64url')}.${signature}` as CompactJws;
    expect(await refusal({ ...token!, batch }, imprints[0]!)).toBe('timestamp-invalid');
  });
});

describe('the memory', () => {
  it('verifies the signature of a batch once', async () => {
    const { keys, verifier } = create();
    const tokens = await stampBatch(signer, imprints);
    for (const [index, token] of tokens.entries()) await verifier.verify(token, imprints[index]!);
    expect(keys.taken).toBe(1);
  });

  it('verifies it once for tokens that arrive at the same time', async () => {
    const { keys, verifier } = create();
    const tokens = await stampBatch(signer, imprints);
    await Promise.all(tokens.map((token, index) => verifier.verify(token, imprints[index]!)));
    expect(keys.taken).toBe(1);
  });

  it('keeps nothing of a batch that was refused', async () => {
    const other = generateP256();
    const { keys, refusal } = create();
    const [token] = await stampBatch(createJwsSigner(other), imprints);
    const refusals = () => Promise.all([refusal(token!, imprints[0]!), refusal(token!, imprints[0]!)]);
    expect(await refusals()).toEqual(['timestamp-invalid', 'timestamp-invalid']);
    expect(keys.taken).toBe(1);
    expect(await refusals()).toEqual(['timestamp-invalid', 'timestamp-invalid']);
    expect(keys.taken).toBe(2);
    keys.set(createJwsSigner(other).kid, other.publicKey);
    expect(await refusals()).toEqual([undefined, undefined]);
  });

  it('does not outlive the signer: once the key is gone, a remembered batch is refused', async () => {
    const { keys, refusal } = create();
    const [token] = await stampBatch(signer, imprints);
    expect(await refusal(token!, imprints[0]!)).toBeUndefined();
    keys.delete(signer.kid);
    expect(await refusal(token!, imprints[0]!)).toBe('timestamp-invalid');
  });

  it('is bounded, and forgets what was not used for the longest time', async () => {
    const { keys, verifier } = create();
    const [imprint] = someImprints(1);
    const stamp = async (serial: number) => (await stampBatch(signer, [imprint!], { serial: serial as Serial }))[0]!;
    const tokens = await Promise.all(Array.from({ length: 2_048 }, (_, serial) => stamp(serial)));
    // One after the other: which of several under way is remembered first is not for a test to say.
    for (const token of tokens) await verifier.verify(token, imprint!);
    const verified = async (token: TimestampToken) => {
      const before = keys.taken;
      await verifier.verify(token, imprint!);
      return keys.taken > before;
    };

    expect(await verified(tokens[0]!)).toBe(false);
    expect(await verified(await stamp(2_048))).toBe(true);
    // The first had been used again, so the second had to go.
    expect(await verified(tokens[0]!)).toBe(false);
    expect(await verified(tokens[1]!)).toBe(true);
    expect(await verified(tokens[3]!)).toBe(false);
  });

  it('is not emptied by a flood of batches that nobody signed', async () => {
    const { keys, verifier, refusal } = create();
    const [token] = await stampBatch(signer, imprints);
    await verifier.verify(token!, imprints[0]!);
    const [header, payload, signature] = token!.batch.split('.');
    const flood = Array.from({ length: 3_000 }, (_, number) => {
      const claims = Buffer.from(payload!, 'base64url').toString().replace('"serial":1000', `"serial":${number}`);
      return `${header}.${Buffer.from(claims).toString('base64url')}.${signature}` as CompactJws;
    }).filter((batch) => batch !== token!.batch);
    await Promise.all(flood.map((batch) => refusal({ ...token!, batch }, imprints[0]!)));
    const before = keys.taken;
    await verifier.verify(token!, imprints[0]!);
    expect(keys.taken).toBe(before);
  });
});
