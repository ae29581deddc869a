/** Verifies the timestamp tokens in records: for what they are, by whom, and that the signer could sign at that time. */
import { digestOfText } from '../../shared/crypto/digest.ts';
import { parseJws } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { PublicRecord } from '../../shared/journal/record.ts';
import { authorityName } from '../../shared/pki/trust-anchors.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import type { Stamp } from '../../shared/timestamp/timestamp-token.ts';
import { TimestampVerifier } from '../../shared/timestamp/verify-timestamp.ts';
import { TimestampBatchClaims, type TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { Digest } from '../../shared/wire/vocabulary.ts';
import { BrokenRule, demand } from './finding.ts';
import type { StampedRecord } from './lot-book.ts';
import type { SignerArchive } from './signer-archive.ts';

export class StampDesk {
  readonly #signers: SignerArchive;
  readonly #verifier: TimestampVerifier;

  constructor(signers: SignerArchive, root: Certificate) {
    this.#signers = signers;
    this.#verifier = new TimestampVerifier(() => signers.keys, authorityName(root));
  }

  /** The record with its stamp. Throws `BrokenRule` 'timestamp-invalid'. */
  async stamped(record: PublicRecord): Promise<StampedRecord> {
    switch (record.kind) {
      case 'listed':
      case 'bid':
        return { record, stamp: await this.verify(record.timestamp, record.imprint) };
      case 'closed':
        return { record, stamp: await this.verify(record.timestamp, digestOfText(record.nonce)) };
      case 'disclosed':
      case 'acknowledged':
        return { record };
    }
  }

  /** Throws `BrokenRule` 'timestamp-invalid'. */
  async verify(token: TimestampToken, imprint: Digest): Promise<Stamp> {
    try {
      const stamp = await this.#verifier.verify(token, imprint);
      const { kid } = parseJws(token.batch, 'timestamp-batch+jwt', TimestampBatchClaims);
      demand(
        this.#signers.isValidAt(kid, stamp.at),
        'timestamp-invalid',
        `its signer was not certified at ${stamp.at}`,
      );
      return stamp;
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause;
      throw new BrokenRule('timestamp-invalid', cause.detail ?? cause.code, { cause });
    }
  }
}
