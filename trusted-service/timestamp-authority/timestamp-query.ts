/** What an RFC 3161 client asks for: a TimeStampReq (section 2.4.1) in strict DER. */
import { equalBytes } from '../../shared/bytes.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { demand, parseDer, refusingDer, TAG } from '../../shared/pki/der.ts';
import { positiveIntegerHex, sequenceFields } from '../../shared/pki/der-fields.ts';
import { DER_TRUE } from '../../shared/pki/encode-der.ts';
import {
  type MessageImprint,
  readMessageImprint,
  SHA256_ALGORITHM,
  SHA256_ALGORITHM_WITH_NULL,
} from '../../shared/timestamp/tst-info.ts';

const SHA256_BYTES = 32;
const MAX_VERSION_BYTES = 8;

export interface TimestampQuery {
  /** The MessageImprint, DER, to be repeated in the reply. */
  readonly imprint: Uint8Array;
  /** The SHA-256 in it. */
  readonly digest: Uint8Array;
  /** The policy asked for, DER. */
  readonly policy: Uint8Array | undefined;
  /** The nonce's INTEGER, DER, to be repeated in the reply. */
  readonly nonce: Uint8Array | undefined;
  /** Whether the reply is to have the signer's and the issuing CA's certificates. */
  readonly certificates: boolean;
}

/**
 * Reads a query.
 * @throws ProtocolError 'malformed' | 'timestamp-query-unsupported' | 'timestamp-digest-unsupported' | 'timestamp-extension-unsupported'
 */
export function parseTimestampQuery(der: Uint8Array): TimestampQuery {
  return refusingDer('malformed', () => readQuery(Uint8Array.from(der)));
}

function readQuery(der: Uint8Array): TimestampQuery {
  const fields = sequenceFields(parseDer(der), 'the query');
  const version = positiveIntegerHex(fields.take(TAG.integer, 'the version'), MAX_VERSION_BYTES, 'the version');
  // Another version may have other fields: nothing after it can be judged.
  if (version !== '01') throw new ProtocolError('timestamp-query-unsupported');
  const imprint = fields.take(TAG.sequence, 'the imprint');
  const content = readMessageImprint(imprint);
  const policy = fields.takeIf(TAG.objectIdentifier)?.encoded;
  const nonce = fields.takeIf(TAG.integer)?.encoded;
  const certificates = fields.takeIf(TAG.boolean);
  const extensions = fields.takeIf(TAG.context0);
  fields.end('the query');
  // What is so by default is not written (X.690 section 11.5).
  demand(
    certificates === undefined || equalBytes(certificates.encoded, DER_TRUE),
    'certReq is written where it is false',
  );
  demandSha256(content);
  // RFC 3161 section 2.4.1: an extension that is not known, critical or not, is refused.
  if (extensions !== undefined) throw new ProtocolError('timestamp-extension-unsupported');
  return { imprint: imprint.encoded, digest: content.digest, policy, nonce, certificates: certificates !== undefined };
}

function demandSha256({ algorithm, digest }: MessageImprint): void {
  const known = [SHA256_ALGORITHM, SHA256_ALGORITHM_WITH_NULL].some((form) => equalBytes(form, algorithm));
  if (!known) throw new ProtocolError('timestamp-digest-unsupported');
  demand(digest.byteLength === SHA256_BYTES, 'the digest has not 32 bytes');
}
