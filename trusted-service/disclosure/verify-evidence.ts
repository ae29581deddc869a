/** Whether a sale took place: a flat list of named checks over what its two parties signed and this authority stamped. */

import { utf8 } from '../../shared/bytes.ts';
import { digestOf, digestOfTerms, digestOfText } from '../../shared/crypto/digest.ts';
import { verifyJws } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { parseCertificate, type VerifiedCertificate, verifyCertificate } from '../../shared/pki/verify-certificate.ts';
import type { Stamp } from '../../shared/timestamp/timestamp-token.ts';
import type { TimestampVerifier } from '../../shared/timestamp/verify-timestamp.ts';
import { BidStatement, CommandStatement, ListStatement, type LotTerms } from '../../shared/wire/commands.ts';
import type { SaleEvidence, SignedEvidence } from '../../shared/wire/http-endpoints.ts';
import { CLOSING_GRACE_MS } from '../../shared/wire/limits.ts';
import { type Digest, type HouseId, LotId } from '../../shared/wire/vocabulary.ts';
import type { Issuer } from '../certificate-authority/issuer.ts';
import type { CertificateRecords } from '../store/certificate-records.ts';

export interface EvidenceTrust {
  readonly issuer: Issuer;
  readonly records: CertificateRecords;
  /** Of this authority's own tokens, of its own kind of clock. */
  readonly timestamps: TimestampVerifier;
}

/** A sale that took place. `seller` and `winner` are the certificates under which the two signed. */
export interface VerifiedSale {
  readonly house: HouseId;
  readonly lot: LotId;
  readonly seller: VerifiedCertificate<'participant'>;
  readonly winner: VerifiedCertificate<'participant'>;
  /** The same for the same two statements, and no others. */
  readonly identity: Digest;
}

/** A node learns of a revocation this late at most: what it recorded before that, it recorded in good faith. */
const REVOCATION_REACH_MS = 5_000;

/**
 * Verifies the evidence of a sale. The parties' certificates are judged at the time of their stamps: they may have
 * expired, or been withdrawn, since.
 * @throws ProtocolError 'evidence-invalid', with the name of the check that failed
 */
export async function verifyEvidence(evidence: SaleEvidence, trust: EvidenceTrust): Promise<VerifiedSale> {
  const { house, lot, closesAt } = evidence;
  // Each statement was stamped by this authority and signed, at that time, by a participant.
  const listed = await verifySigned(evidence.listing, 'listing', trust);
  const bidden = await verifySigned(evidence.bid, 'bid', trust);
  // One offers a lot, the other bids for one.
  const listing = demandType(ListStatement, listed.statement, 'listing-type');
  const bid = demandType(BidStatement, bidden.statement, 'bid-type');
  // Both were meant for this house.
  demand(listing.aud === house, 'listing-house');
  demand(bid.aud === house, 'bid-house');
  // Both are about this lot, which is named by the command that listed it.
  demand(LotId.parse(listing.id) === lot, 'listing-lot');
  demand(bid.lot === lot, 'bid-lot');
  // The bidder signed the terms that the seller had set.
  const terms = termsOf(listing);
  demand(bid.terms === digestOfTerms(terms), 'bid-terms');
  demand(bid.amount >= terms.startingPrice, 'bid-amount');
  // They are two.
  demand(listed.by.subject !== bidden.by.subject, 'bidder-is-seller');
  // The bid came after the listing and before the closing.
  demand(bidden.stamp.at >= listed.stamp.at, 'bid-before-listing');
  demand(bidden.stamp.at < closesAt, 'bid-after-closing');
  // The closing is one that the terms allow.
  demand(closesAt >= terms.closesAt, 'closing-before-terms');
  demand(closesAt <= Math.max(terms.closesAt, terms.extension?.until ?? 0), 'closing-beyond-terms');
  // The closing is over, and every bid that was stamped in time has arrived.
  const closing = await verifyToken(evidence.closing.timestamp, digestOfText(evidence.closing.nonce), 'closing', trust);
  demand(closing.at >= closesAt + CLOSING_GRACE_MS, 'closing-not-over');
  const identity = digestOf(utf8.encode(`${evidence.listing.statement}\n${evidence.bid.statement}`));
  return { house, lot, seller: listed.by, winner: bidden.by, identity };
}

interface Signed {
  readonly statement: CommandStatement;
  readonly stamp: Stamp;
  readonly by: VerifiedCertificate<'participant'>;
}

async function verifySigned(signed: SignedEvidence, name: string, trust: EvidenceTrust): Promise<Signed> {
  const { issuer, records } = trust;
  // The token is ours, and over this statement.
  const stamp = await verifyToken(signed.timestamp, digestOfText(signed.statement), name, trust);
  // The certificate is a participant's, of our own issue, and was valid at that time.
  const by = await checking(`${name}-certificate`, () => {
    const certificate = parseCertificate(signed.certificate);
    const path = { root: issuer.root, issuer: issuer.authorityOf(certificate), at: stamp.at };
    return verifyCertificate(certificate, 'participant', path);
  });
  // It had not been withdrawn.
  const revocation = records.revocationOf(by.subject);
  demand(revocation === undefined || stamp.at <= revocation.revokedAt + REVOCATION_REACH_MS, `${name}-revoked`);
  // Its key signed the statement, as a command.
  const expected = { typ: 'command+jwt', key: by.publicKey, schema: CommandStatement } as const;
  const statement = await checking(`${name}-signature`, () => verifyJws(signed.statement, expected));
  return { statement, stamp, by };
}

function verifyToken(
  token: SignedEvidence['timestamp'],
  imprint: Digest,
  name: string,
  { timestamps }: EvidenceTrust,
): Promise<Stamp> {
  return checking(`${name}-timestamp`, () => timestamps.verify(token, imprint));
}

/** The refusals of the verifiers become one, named after the check. */
async function checking<Result>(check: string, verify: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await verify();
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new ProtocolError('evidence-invalid', `${check}: ${cause.code}`, { cause });
  }
}

function demandType<Statement>(
  schema: { safeParse(value: unknown): { success: boolean; data?: Statement } },
  statement: CommandStatement,
  check: string,
): Statement {
  const { data } = schema.safeParse(statement);
  if (data === undefined) throw new ProtocolError('evidence-invalid', check);
  return data;
}

/** The public terms of a listing: what is left without the statement's own fields. */
function termsOf({ v: _, aud: _house, id: _lot, type: _type, ...terms }: ListStatement): LotTerms {
  return terms;
}

function demand(condition: boolean, check: string): asserts condition {
  if (!condition) throw new ProtocolError('evidence-invalid', check);
}
