/** Receipts as they come: verified at once, kept on disk, and their checkpoint compared with those before. */
import { ProtocolError } from '../../shared/errors.ts';
import { type Checkpoint, verifyCheckpoint, verifyCosignature } from '../../shared/journal/checkpoint.ts';
import { verifyReceipt } from '../../shared/journal/receipt.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import type { CommandStatement, ReceiptedAnswer } from '../../shared/wire/commands.ts';
import type { Continuation } from '../../shared/wire/log.ts';
import type { CertificatePem, CompactJws } from '../../shared/wire/vocabulary.ts';
import type { KeptReceipt, ProofStore } from './proof-store.ts';

export interface ReceiptBookParts {
  readonly root: Certificate;
  readonly store: Pick<ProofStore, 'keepReceipt' | 'keepEvidence'>;
  /** Compares a checkpoint with the last one that was seen. */
  readonly see: (checkpoint: Checkpoint, continuation: Continuation | undefined) => void;
}

/** A command, as it was signed. */
export interface Sent {
  readonly statement: CompactJws;
  readonly claims: CommandStatement;
}

export class ReceiptBook {
  readonly #parts: ReceiptBookParts;

  constructor(parts: ReceiptBookParts) {
    this.#parts = parts;
  }

  /**
   * Takes the answer to a command, by the node with these certificates. The receipt is on disk when this resolves.
   * @throws ProtocolError 'receipt-invalid': then the answer itself is kept, as evidence
   */
  async take({ statement, claims }: Sent, answer: ReceiptedAnswer, chain: readonly CertificatePem[]): Promise<void> {
    const { store, see } = this.#parts;
    const { position, receipt } = answer;
    const { continues, ...lasting } = receipt;
    const kept: KeptReceipt = { v: 1, statement, position, receipt: lasting, chain: [...chain] };
    // Written while it is verified: it gets its name after that, or none.
    const verify = () => this.#verify({ statement, claims }, answer, chain);
    const checkpoint = await store.keepReceipt(claims.id, kept, verify).catch(async (cause: unknown) => {
      if (!(cause instanceof ProtocolError)) throw cause;
      const evidence = await store.keepEvidence(claims.id, { statement, answer, chain, why: cause.code });
      const detail = `${cause.detail ?? cause.code}; the answer is in ${evidence}`;
      throw new ProtocolError('receipt-invalid', detail, { cause });
    });
    see(checkpoint, continues);
  }

  async #verify(
    sent: Sent,
    { position, receipt }: ReceiptedAnswer,
    chain: readonly CertificatePem[],
  ): Promise<Checkpoint> {
    const { root } = this.#parts;
    // A node of the house signed the checkpoint.
    const checkpoint = await verifyCheckpoint({ checkpoint: receipt.checkpoint, chain: [...chain] }, root);
    // The command is in the journal that it signed.
    verifyReceipt(receipt, { ...sent, position }, checkpoint);
    // If it says that the witness has seen that journal, the witness has.
    if (receipt.witness !== undefined) await verifyCosignature(receipt.witness, checkpoint, root);
    return checkpoint;
  }
}
