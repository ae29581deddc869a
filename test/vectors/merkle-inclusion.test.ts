import { expect, it } from 'vitest';
import { equalBytes } from '../../shared/bytes.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { rootFromInclusion } from '../../shared/merkle/inclusion.ts';
import { fromBase64, loadVectors, runSuite } from './run-suite.ts';

type InclusionVectors = readonly {
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly root: string;
  readonly leafHash: string;
  readonly proof: readonly string[] | null;
  readonly desc: string;
  readonly wantErr: boolean;
  readonly file: string;
}[];

it('verifies Merkle inclusion as transparency-dev does', async () => {
  const vectors = await loadVectors<InclusionVectors>('merkle/inclusion.json');
  expect(vectors).toHaveLength(98);

  const cases = vectors.map((vector) => ({
    id: vector.file,
    comment: vector.desc,
    valid: !vector.wantErr,
    check: () => {
      const path = (vector.proof ?? []).map(fromBase64);
      const root = rootFromInclusion(fromBase64(vector.leafHash), vector.leafIdx, vector.treeSize, path);
      if (!equalBytes(root, fromBase64(vector.root))) throw new ProtocolError('merkle-proof-invalid');
    },
  }));
  await runSuite('merkle-inclusion', cases);
});
