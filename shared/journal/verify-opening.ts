/** Openings: that a record of the journal is the command of a certain person, shown by the salt of its commitment. */
import { decodeBase64url, equalBytes, utf8 } from '../bytes.ts';
import { verifyJws } from '../crypto/jws.ts';
import { ProtocolError } from '../errors.ts';
import { parseCertificate } from '../pki/verify-certificate.ts';
import type { Disclosure } from '../wire/announcements.ts';
import { CommandStatement } from '../wire/commands.ts';
import type { Receipt } from '../wire/log.ts';
import type { Opening } from '../wire/opening.ts';
import type { Amount, CompactJws, LotId } from '../wire/vocabulary.ts';
import type { Checkpoint } from './checkpoint.ts';
import { verifyReceipt } from './receipt.ts';
import { decodeRecord, type PrivateRecord } from './record.ts';

/** A sale as one party knows it. */
export interface KnownSale {
  readonly lot: LotId;
  readonly hammerPrice: Amount | undefined;
  /** The other party, in the Trusted Service's verified words. */
  readonly counterparty: Pick<Disclosure, 'role' | 'subject' | 'certificate'>;
}

/** The record of the other party's decisive command, and its place in a signed journal. */
export interface PlacedOpening {
  readonly opening: Opening;
  readonly path: Receipt['path'];
  /** Of the house in which the sale was. */
  readonly checkpoint: Checkpoint;
}

/** What the other party is bound by. */
export interface OpenedCommand {
  readonly statement: CompactJws;
  readonly claims: CommandStatement;
}

/**
 * Verifies that the winner signed the bid that won, or the seller the listing, and that this is the record in the journal.
 * @throws ProtocolError 'opening-invalid', with the check that failed
 */
export async function verifyOpening(placed: PlacedOpening, sale: KnownSale): Promise<OpenedCommand> {
  try {
    return await verify(placed, sale);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new ProtocolError('opening-invalid', cause.detail ?? cause.code, { cause });
  }
}

async function verify({ opening, path, checkpoint }: PlacedOpening, sale: KnownSale): Promise<OpenedCommand> {
  const { counterparty, lot, hammerPrice } = sale;
  // The private part is what the public commitment is to.
  const { statement, certificate, subject } = openCommitment(opening);
  // Its signer is the person whom the Trusted Service named, by the certificate that it had verified.
  const signer = parseCertificate(certificate);
  const isNamed = equalBytes(signer.der, parseCertificate(counterparty.certificate).der);
  demand(isNamed && subject === counterparty.subject && subject === signer.subject, 'it is by somebody else');
  // That person signed the statement.
  const expected = { typ: 'command+jwt', key: signer.publicKey, schema: CommandStatement } as const;
  const claims = await verifyJws(statement, expected);
  // It is what that party of this sale is bound by.
  if (counterparty.role === 'winner') {
    demand(claims.type === 'bid' && claims.lot === lot && claims.amount === hammerPrice, 'it is not the bid that won');
  } else {
    demand(claims.type === 'list' && claims.id === (lot as string), 'it is not the listing');
  }
  // The record says the same as the statement, and stands in the signed journal.
  const { record, commitment, position } = opening;
  const receipt: Receipt = { record, commitment, path, checkpoint: checkpoint.signed.checkpoint };
  verifyReceipt(receipt, { statement, claims, position }, checkpoint);
  return { statement, claims };
}

function openCommitment({
  record,
  commitment,
  salt,
  privatePart,
}: Opening): Extract<PrivateRecord, { kind: 'signed' }> {
  const { private: held } = decodeRecord({
    publicPart: utf8.encode(record),
    commitment: decode(commitment),
    salt: decode(salt),
    privatePart: utf8.encode(privatePart),
  });
  demand(held.kind === 'signed', 'nobody signed it');
  return held;
}

function decode(text: string): Uint8Array {
  return decodeBase64url(text) ?? new Uint8Array();
}

function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new ProtocolError('opening-invalid', what);
}
