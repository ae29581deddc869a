/**
 * The witness: cosigns the checkpoints of each house's journal, and of each house one history alone, so that a DMS can't
 * show two. In the spirit of C2SP's tlog-witness: it remembers the last checkpoint and wants a proof for the next.
 */
import { decodeBase64url, encodeBase64url } from '../../shared/bytes.ts';
import { type JwsSigner, signJws } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { type Checkpoint, verifyCheckpoint } from '../../shared/journal/checkpoint.ts';
import { type TreeHead, verifyConsistency } from '../../shared/merkle/consistency.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Cosignature, CosignatureClaims, WitnessedAnswer, WitnessRequest } from '../../shared/wire/log.ts';
import type { Digest, HouseId, Position } from '../../shared/wire/vocabulary.ts';
import type { AuditTrail } from '../audit/audit-journal.ts';
import type { Issuer } from '../certificate-authority/issuer.ts';
import { demandAlive, type SignerChain } from '../guard/certificate-life.ts';
import type { CertificateRecords } from '../store/certificate-records.ts';
import type { SeenCheckpoint, WitnessRecords } from '../store/witness-records.ts';
import { demandWritten } from '../store/write-failure.ts';

export interface WitnessParts {
  readonly issuer: Issuer;
  readonly records: CertificateRecords;
  readonly seen: WitnessRecords;
  readonly audit: AuditTrail;
  readonly authority: string;
  readonly clock: Clock;
  readonly signer: JwsSigner;
  /** The certificates that stand behind `signer` now. */
  readonly chain: () => SignerChain;
}

export class Witness {
  readonly #parts: WitnessParts;

  constructor(parts: WitnessParts) {
    this.#parts = parts;
  }

  /** How much of a house's journal was seen. */
  seen(house: HouseId): WitnessedAnswer {
    return { size: (this.#parts.seen.last(house)?.size ?? 0) as Position };
  }

  /**
   * Cosigns a checkpoint by a node that we certified, if it continues what was seen of its house. Remembers it on disk
   * before it signs. Another history is kept as evidence.
   * @throws ProtocolError 'checkpoint-not-next' | 'log-inconsistent', and what `verifyCheckpoint` throws
   */
  async cosign({ checkpoint, chain, from, path }: WitnessRequest): Promise<Cosignature> {
    const { issuer, records } = this.#parts;
    // A node that was certified for this house signed it.
    const shown = await verifyCheckpoint({ checkpoint, chain }, issuer.root);
    // Its key was not withdrawn.
    if (records.revocationOf(shown.node.subject) !== undefined) throw new ProtocolError('certificate-revoked');
    if (shown.size === 0) throw new ProtocolError('malformed', 'an empty journal needs no witness');
    // No `await` in here: what is compared with is what is replaced.
    this.#advance(
      shown,
      from,
      path.map((hash) => decodeBase64url(hash) ?? new Uint8Array()),
    );
    return this.#sign(shown);
  }

  #advance(shown: Checkpoint, from: Position, path: readonly Uint8Array[]): void {
    const { seen } = this.#parts;
    const last = seen.last(shown.house);
    if (from !== (last?.size ?? 0) || shown.size < from) throw new ProtocolError('checkpoint-not-next');
    if (last !== undefined) {
      try {
        verifyConsistency(last, shown, path);
      } catch (cause) {
        if (!(cause instanceof ProtocolError)) throw cause;
        this.#keepConflict(last, shown);
        throw new ProtocolError('log-inconsistent', `between ${last.size} and ${shown.size} records`, { cause });
      }
    }
    const { house, size, root, signed } = shown;
    demandWritten(() => seen.keep(house, { size, root, checkpoint: signed.checkpoint }));
  }

  /** Checkpoint by checkpoint a house could fill the audit journal: the first contradiction says all that there is to say. */
  #keepConflict(last: SeenCheckpoint, { house, size, root, node, signed }: Checkpoint): void {
    const { seen, audit } = this.#parts;
    const head = (of: TreeHead) => ({ size: of.size, root: Buffer.from(of.root).toString('hex') });
    audit.within((record) => {
      if (!seen.keepConflict(house, last.checkpoint, signed.checkpoint)) return;
      const both = { seen: head(last), shown: head({ size, root }) };
      record({ type: 'log-contradicted', by: 'node', house, node: node.subject, ...both });
    });
  }

  async #sign({ house, size, root }: Checkpoint): Promise<Cosignature> {
    const { authority: iss, clock, signer } = this.#parts;
    const time = clock.now() as CosignatureClaims['time'];
    const chain = this.#parts.chain();
    demandAlive(chain, time);
    const claims: CosignatureClaims = {
      iss,
      house,
      size: size as Position,
      root: encodeBase64url(root) as Digest,
      time,
    };
    return {
      cosignature: await signJws(signer, 'cosignature+jwt', claims),
      chain: [chain.signer.pem, chain.issuer.pem],
    };
  }
}
