/** What RFC 3161 replies of this authority are made of, and its two policies: what writer and verifier must agree on. */
import { TAG } from '../pki/der.ts';
import { encodeDer, encodeInteger, encodeObjectIdentifier } from '../pki/encode-der.ts';
import type { ClockKind } from '../wire/vocabulary.ts';

/** The media types of RFC 3161 section 3.4. */
export const TIMESTAMP_QUERY_TYPE = 'application/timestamp-query';
export const TIMESTAMP_REPLY_TYPE = 'application/timestamp-reply';

/** Object identifiers, DER: CMS (RFC 5652), what is signed (RFC 3161), who signed it (RFC 5035), the digest. */
export const CMS_OID = {
  signedData: encodeObjectIdentifier('1.2.840.113549.1.7.2'),
  contentType: encodeObjectIdentifier('1.2.840.113549.1.9.3'),
  messageDigest: encodeObjectIdentifier('1.2.840.113549.1.9.4'),
  tstInfo: encodeObjectIdentifier('1.2.840.113549.1.9.16.1.4'),
  signingCertificateV2: encodeObjectIdentifier('1.2.840.113549.1.9.16.2.47'),
  sha256: encodeObjectIdentifier('2.16.840.1.101.3.4.2.1'),
} as const;

/** The parent of the policies: UUID 7f2d3187-8344-4aa5-ba0f-47ae9171ce67 as one integer (X.667). */
const POLICY_ARC = '2.25.169046613397815997214173234267608436327';

export interface TimestampPolicy {
  /** The object identifier, DER. */
  readonly oid: Uint8Array;
  /** How far genTime may be from UTC: an Accuracy, DER. Absent: the policy promises nothing about UTC. */
  readonly accuracy: Uint8Array | undefined;
}

/**
 * One policy for each kind of clock. A policy never changes what it promises: another promise is another policy.
 *
 * - real: the machine's clock, which the operator keeps within a second of UTC (NTP).
 * - simulated: a clock that the operator may set to any time, so that it says nothing about UTC and states no accuracy.
 *
 * Under both the order of tokens is that of their serials, the JSON tokens' among them. `ordering` is false: two tokens can
 * have the same millisecond, and a start of the service or a setting of the clock may begin at an earlier time.
 */
export const TIMESTAMP_POLICIES: { readonly [Kind in ClockKind]: TimestampPolicy } = {
  real: {
    oid: encodeObjectIdentifier(`${POLICY_ARC}.1`),
    accuracy: encodeDer(TAG.sequence, encodeInteger(1)),
  },
  simulated: { oid: encodeObjectIdentifier(`${POLICY_ARC}.2`), accuracy: undefined },
};
