/** What a participant can show to a third party: commands, each with everything that proves that the house recorded it. */
import { z } from 'zod';
import { decodeBase64url, utf8 } from '../../shared/bytes.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { verifyJws } from '../../shared/crypto/jws.ts';
import { type Checkpoint, verifyCheckpoint, verifyCosignature } from '../../shared/journal/checkpoint.ts';
import { verifyReceipt } from '../../shared/journal/receipt.ts';
import { decodeRecord, leafHashOf } from '../../shared/journal/record.ts';
import { type Certificate, parseCertificate, verifyIssuance } from '../../shared/pki/verify-certificate.ts';
import { CommandStatement } from '../../shared/wire/commands.ts';
import { CertificatePem } from '../../shared/wire/vocabulary.ts';
import { KeptOpening, KeptReceipt } from '../proof/proof-store.ts';
import { asRule } from './as-rule.ts';
import type { AuditStamp } from './audited-lot.ts';
import { demand } from './finding.ts';
import { SignerArchive, SignerChain } from './signer-archive.ts';
import { StampDesk } from './stamp-desk.ts';

/** The other party's command, and what shows that its record is a commitment to it. */
const OpenedEvidence = z.strictObject({
  /** The other party's certificate, and the issuing CA's. */
  participant: z.array(CertificatePem).length(2),
  command: KeptReceipt,
  salt: KeptOpening.shape.salt,
  privatePart: KeptOpening.shape.privatePart,
});
export type OpenedEvidence = z.infer<typeof OpenedEvidence>;

/** The file. Whoever reads it knows the root's fingerprint. */
export const Evidence = z.strictObject({
  gavel: z.literal('evidence'),
  v: z.literal(1),
  root: CertificatePem,
  /** The participant's certificate, and the issuing CA's. */
  participant: z.array(CertificatePem).length(2),
  signers: z.array(SignerChain),
  commands: z.array(KeptReceipt).min(1),
  /** What binds the other parties of this participant's sales. */
  opened: z.array(OpenedEvidence).exactOptional(),
});
export type Evidence = z.infer<typeof Evidence>;

/** What one command's evidence shows. */
export interface Proven {
  readonly claims: CommandStatement;
  /** Whose key signed it. */
  readonly subject: string;
  readonly stamp: AuditStamp;
  readonly position: number;
  /** Of its record in the tree. */
  readonly leaf: Uint8Array;
  readonly checkpoint: Checkpoint;
  /** When the witness cosigned that checkpoint. */
  readonly witnessedAt?: number;
  /** It is the other party's, and the house has opened its record. */
  readonly isOpened?: true;
}

/** The same of what the house opened: the statement is proven, and that the record is a commitment to it. */
export async function verifyOpened(evidence: Evidence, opened: OpenedEvidence, root: Certificate): Promise<Proven> {
  const { command, participant, salt, privatePart } = opened;
  const proven = await verifyEvidence({ participant, signers: evidence.signers }, command, root);
  const { record, commitment } = command.receipt;
  const held = await asRule('opening-invalid', async () =>
    decodeRecord({
      ...{ publicPart: utf8.encode(record), commitment: bytesOf(commitment) },
      ...{ salt: bytesOf(salt), privatePart: utf8.encode(privatePart) },
    }),
  );
  demand(held.private.kind === 'signed', 'opening-invalid', 'nobody signed it');
  const isSame = held.private.statement === command.statement && held.private.subject === proven.subject;
  demand(isSame, 'opening-invalid', 'it is of another statement or subject');
  return { ...proven, isOpened: true };
}

/** Throws `BrokenRule` with what a third party should not believe. */
export async function verifyEvidence(
  { participant, signers }: Pick<Evidence, 'participant' | 'signers'>,
  { statement, position, receipt, chain }: KeptReceipt,
  root: Certificate,
): Promise<Proven> {
  // A participant of this root signed the command.
  const { claims, subject } = await asRule('statement-invalid', () => verifyStatement(participant, statement, root));
  // A node of the house signed its journal at that moment.
  const { checkpoint } = receipt;
  const shown = await asRule('checkpoint-invalid', () => verifyCheckpoint({ checkpoint, chain }, root));
  // The command is in that journal, at this position.
  const record = await asRule('receipt-invalid', async () =>
    verifyReceipt(receipt, { statement, claims, position }, shown),
  );
  demand('imprint' in record, 'receipt-invalid');
  // The authority stamped the command.
  const desk = new StampDesk(SignerArchive.verify(signers, root), root);
  const stamp = await desk.verify(record.timestamp, digestOfText(statement));
  const { witness } = receipt;
  // If it says that the witness saw that journal, the witness did.
  const witnessedAt = witness && (await asRule('cosignature-invalid', () => verifyCosignature(witness, shown, root)));
  const leaf = leafHashOf({ publicPart: utf8.encode(receipt.record), commitment: bytesOf(receipt.commitment) });
  return {
    claims,
    subject,
    stamp,
    position,
    leaf,
    checkpoint: shown,
    ...(witnessedAt !== undefined && { witnessedAt }),
  };
}

/** That the certificate was issued is enough: a key is a participant's for good, and the stamp says when it signed. */
async function verifyStatement([leaf = '', authority = '']: readonly string[], statement: string, root: Certificate) {
  const certificate = parseCertificate(leaf);
  verifyIssuance(certificate, 'participant', { root, issuer: parseCertificate(authority) });
  const expected = { typ: 'command+jwt', key: certificate.publicKey, schema: CommandStatement } as const;
  return { claims: await verifyJws(statement, expected), subject: certificate.subject };
}

function bytesOf(text: string): Uint8Array {
  return decodeBase64url(text) ?? new Uint8Array();
}
