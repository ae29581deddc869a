import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../../shared/errors.ts';
import { encodeInteger } from '../../../shared/pki/encode-der.ts';
import { parseTimestampQuery } from '../../../trusted-service/timestamp-authority/timestamp-query.ts';
import { oid, POLICY_OIDS, sha256 } from '../../support/forge-timestamp.ts';
import { CERT_REQ, query } from './ask-timestamp.ts';

const digest = sha256(Buffer.from('a document'));
const full = query(digest, oid(POLICY_OIDS.real), encodeInteger(77), CERT_REQ);

describe('parseTimestampQuery', () => {
  it('reads every field', () => {
    const { imprint, ...fields } = parseTimestampQuery(full);
    const policy = new Uint8Array(oid(POLICY_OIDS.real));
    expect(fields).toEqual({ digest, policy, nonce: encodeInteger(77), certificates: true });
    expect(parseTimestampQuery(query(digest))).toEqual({
      imprint,
      digest,
      policy: undefined,
      nonce: undefined,
      certificates: false,
    });
  });

  it('reads or refuses whatever comes, and fails at nothing', () => {
    const position = fc.nat({ max: full.length - 1 });
    const edits = fc.array(fc.tuple(position, fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
    const edited = fc.tuple(edits, fc.nat({ max: full.length })).map(([changes, length]) => {
      const bytes = Uint8Array.from(full);
      for (const [index, value] of changes) bytes[index] = value;
      return length % 5 === 0 ? bytes.subarray(0, length) : bytes;
    });
    fc.assert(
      fc.property(fc.oneof(edited, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        try {
          expect(parseTimestampQuery(bytes).digest).toHaveLength(32);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
