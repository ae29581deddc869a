import { expect, it } from 'vitest';
import { digestOfText } from '../../../shared/crypto/digest.ts';
import { generateP256 } from '../../../shared/crypto/ecdsa.ts';
import { createJwsSigner, signJws } from '../../../shared/crypto/jws.ts';
import { imprintLeaf, readStamp } from '../../../shared/timestamp/timestamp-token.ts';
import type { CompactJws, Serial } from '../../../shared/wire/vocabulary.ts';
import { codeThrownBy } from '../../support/refusal.ts';
import { someImprints, stampBatch } from '../../support/stamp.ts';

const signer = createJwsSigner(generateP256());

it('numbers the imprints of a batch in their order', async () => {
  const tokens = await stampBatch(signer, someImprints(5));
  expect(tokens.map(readStamp)).toEqual(
    [1_000, 1_001, 1_002, 1_003, 1_004].map((serial) => ({
      at: 1_763_690_000_000,
      serial,
      epoch: 3,
      clock: 'real',
    })),
  );
});

it('is not read beyond the batch, or beyond the last serial', async () => {
  const [token] = await stampBatch(signer, someImprints(2));
  expect(codeThrownBy(() => readStamp({ ...token!, index: 2 }))).toBe('timestamp-invalid');
  const [, last] = await stampBatch(signer, someImprints(2), { serial: Number.MAX_SAFE_INTEGER as Serial });
  expect(codeThrownBy(() => readStamp(last!))).toBe('timestamp-invalid');
});

it('is not read from another kind of JWS, or from none', async () => {
  const [token] = await stampBatch(signer, someImprints(1));
  const other = await signJws(signer, 'command+jwt', {});
  for (const batch of [other, '' as CompactJws]) {
    expect(codeThrownBy(() => readStamp({ ...token!, batch }))).toBe('malformed');
  }
});

it('stands in the tree as SHA-256(0x00, imprint)', () => {
  // RFC 9162, section 2.1.1, over the 32 bytes and not over their text; the number is from Python's hashlib.
  expect(Buffer.from(imprintLeaf(digestOfText('abc'))).toString('hex')).toBe(
    '8a7deab2cc5ee003b6394337538a52b3198f1a6ddeb10c7daf62fe1c9834b43b',
  );
});
