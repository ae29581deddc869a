/** The RFC 3161 query: what was read of it is all that was in it. */
import { equalBytes } from '../../../shared/bytes.ts';
import { TAG } from '../../../shared/pki/der.ts';
import { DER_TRUE, encodeDer, encodeInteger } from '../../../shared/pki/encode-der.ts';
import { parseTimestampQuery } from '../../../trusted-service/timestamp-authority/timestamp-query.ts';
import { CORPUS, fromBase64 } from '../corpus.ts';
import { mutateDer } from '../mutate-der.ts';
import { demand, judging, type Target } from '../target.ts';

const CODES = [
  'malformed',
  'timestamp-query-unsupported',
  'timestamp-digest-unsupported',
  'timestamp-extension-unsupported',
] as const;

export const timestampQuery: Target<Uint8Array> = {
  name: 'timestamp-query',
  reaches: ['accepted', ...CODES],
  prepare: () => ({
    valid: CORPUS.queries.map(fromBase64),
    mutate: mutateDer,
    judge: (der) =>
      judging(
        CODES,
        () => parseTimestampQuery(der),
        ({ imprint, digest, policy, nonce, certificates }) => {
          demand(digest.length === 32, 'the digest is of another length');
          const fields = [imprint, policy, nonce, certificates ? DER_TRUE : undefined].filter(
            (field) => field !== undefined,
          );
          demand(
            equalBytes(encodeDer(TAG.sequence, encodeInteger(1), ...fields), der),
            'it says something that was not read',
          );
        },
      ),
  }),
};
