/** Timestamp tokens as an authority makes them, for tests that need some and not the authority itself. */
import { encodeBase64url } from '../../shared/bytes.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { type JwsSigner, signJws } from '../../shared/crypto/jws.ts';
import { MerkleTree } from '../../shared/merkle/tree.ts';
import { imprintLeaf } from '../../shared/timestamp/timestamp-token.ts';
import type { TimestampBatchClaims, TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { Digest, Instant, Serial } from '../../shared/wire/vocabulary.ts';

export const TEST_AUTHORITY = `sha256:${'ab'.repeat(32)}`;

/** One signed batch over the imprints; a token for each, in their order. `claims` replaces what the batch would say. */
export async function stampBatch(
  signer: JwsSigner,
  imprints: readonly Digest[],
  claims: Partial<TimestampBatchClaims> = {},
): Promise<TimestampToken[]> {
  const tree = new MerkleTree(imprints.map(imprintLeaf));
  const batch = await signJws(signer, 'timestamp-batch+jwt', {
    iss: TEST_AUTHORITY,
    clock: 'real',
    epoch: 3,
    time: 1_763_690_000_000 as Instant,
    serial: 1_000 as Serial,
    size: tree.size,
    root: encodeBase64url(tree.root()) as Digest,
    ...claims,
  } satisfies TimestampBatchClaims);
  return imprints.map((_, index) => ({ batch, index, path: tree.path(index).map(encodeBase64url) }));
}

/** As many different imprints as asked for. */
export function someImprints(count: number): Digest[] {
  return Array.from({ length: count }, (_, index) => digestOfText(`statement ${index}`));
}
