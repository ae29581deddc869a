import { expect, it } from 'vitest';
import { canonicalJson } from '../../shared/canonical-json.ts';
import { fromBase64, loadVectors, runSuite } from './run-suite.ts';

type CanonicalVectors = readonly {
  readonly name: string;
  readonly inputBase64: string;
  readonly outputBase64: string;
}[];

it('writes canonical JSON as RFC 8785 does', async () => {
  const vectors = await loadVectors<CanonicalVectors>('rfc8785/testdata.json');
  expect(vectors).toHaveLength(6);

  const cases = vectors.map(({ name, inputBase64, outputBase64 }) => ({
    id: name,
    comment: name,
    valid: true,
    check: () => {
      const value: unknown = JSON.parse(Buffer.from(inputBase64, 'base64').toString('utf8'));
      expect(canonicalJson(value)).toEqual(fromBase64(outputBase64));
    },
  }));
  await runSuite('rfc8785', cases);
});
