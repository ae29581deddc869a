/** RFC 3161 queries and what comes back, written apart from the product. */
import { parseDer } from '../../../shared/pki/der.ts';
import { encodeInteger } from '../../../shared/pki/encode-der.ts';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import { hex } from '../../support/edit-certificate.ts';
import { messageImprint, seq } from '../../support/forge-timestamp.ts';
import type { RawAnswer, TestService } from '../test-service.ts';

export const CERT_REQ: Uint8Array = hex('0101ff');

/** A TimeStampReq over this digest, with these further fields. */
export function query(digest: Uint8Array, ...fields: readonly Uint8Array[]): Uint8Array {
  return seq(encodeInteger(1), messageImprint(digest), ...fields);
}

/** Sends a query, whatever it is. */
export function ask(service: TestService, body: Uint8Array, headers: Record<string, string> = {}): Promise<RawAnswer> {
  const all = { 'content-type': 'application/timestamp-query', ...headers };
  return service.raw(PATHS.timestamp, { method: 'POST', headers: all, body });
}

/** PKIStatus and the names of the bits in PKIFailureInfo (RFC 3161 section 2.4.2). */
export function statusOf(reply: Uint8Array): { status: number; failures: string[] } {
  const [info, token] = parseDer(reply).children;
  const [status, , failure] = info!.children;
  const bits = failure === undefined ? [] : [...failure.content.subarray(1)].flatMap(bitsOf);
  if ((status!.content[0] === 0) !== (token !== undefined)) throw new Error('a token and only where it is granted');
  return { status: status!.content[0]!, failures: bits.map((bit) => FAILURES[bit] ?? String(bit)) };
}

const FAILURES: Record<number, string> = {
  0: 'badAlg',
  2: 'badRequest',
  5: 'badDataFormat',
  14: 'timeNotAvailable',
  15: 'unacceptedPolicy',
  16: 'unacceptedExtension',
  17: 'addInfoNotAvailable',
  25: 'systemFailure',
};

function bitsOf(byte: number, index: number): number[] {
  return [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (byte & (0x80 >> bit)) !== 0).map((bit) => 8 * index + bit);
}
