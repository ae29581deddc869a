import { expect, it } from 'vitest';
import { verifyConsistency } from '../../shared/merkle/consistency.ts';
import { fromBase64, loadVectors, runSuite } from './run-suite.ts';

type ConsistencyVectors = readonly {
  readonly size1: number;
  readonly size2: number;
  readonly root1: string;
  readonly root2: string;
  readonly proof: readonly string[] | null;
  readonly desc: string;
  readonly wantErr: boolean;
  readonly file: string;
}[];

it('verifies Merkle consistency as transparency-dev does', async () => {
  const vectors = await loadVectors<ConsistencyVectors>('merkle/consistency.json');
  expect(vectors).toHaveLength(98);

  const cases = vectors.map((vector) => ({
    id: vector.file,
    comment: vector.desc,
    valid: !vector.wantErr,
    check: () =>
      verifyConsistency(
        { size: vector.size1, root: fromBase64(vector.root1) },
        { size: vector.size2, root: fromBase64(vector.root2) },
        (vector.proof ?? []).map(fromBase64),
      ),
  }));
  await runSuite('merkle-consistency', cases);
});
