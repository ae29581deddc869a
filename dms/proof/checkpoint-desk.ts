/**
 * Signs checkpoints: one for each commit that anybody waits for, and for whoever asks. What it signs is the head of the
 * fold, and the fold holds only what is on disk.
 */
import type { JwsSigner } from '../../shared/crypto/jws.ts';
import { signCheckpoint } from '../../shared/journal/checkpoint.ts';
import type { TreeHead } from '../../shared/merkle/consistency.ts';
import type { SignedCheckpoint } from '../../shared/wire/log.ts';
import type { CertificatePem, HouseId, Instant, Position } from '../../shared/wire/vocabulary.ts';

export interface CheckpointDeskParts {
  readonly house: { readonly house: HouseId; readonly log: { readonly size: Position; head(): TreeHead } };
  readonly node: { readonly signer: JwsSigner; readonly chain: readonly [CertificatePem, CertificatePem] };
  /** Throws 'trusted-time-unavailable' before the first signed time, and when that is too long ago. */
  readonly time: { now(): Instant };
}

/** A checkpoint, and what it says. */
export interface Signed extends SignedCheckpoint {
  readonly size: Position;
  readonly root: Uint8Array;
  readonly time: Instant;
}

/**
 * After this a checkpoint is signed anew: a verifier has the node's certificate of today, which began an hour before it
 * was issued, and judges it at the checkpoint's time.
 */
const MAX_AGE_MS = 10 * 60_000;

export class CheckpointDesk {
  readonly #parts: CheckpointDeskParts;
  #latest: Signed | undefined;
  #signing: Promise<void> | undefined;

  constructor(parts: CheckpointDeskParts) {
    this.#parts = parts;
  }

  /**
   * The newest checkpoint, if it covers `position`; else the next one. All who wait for one signature share it.
   * @throws ProtocolError 'trusted-time-unavailable'
   */
  async covering(position: Position): Promise<Signed> {
    for (;;) {
      const latest = this.#latest;
      if (latest !== undefined && latest.size >= position && this.isFresh(latest)) return latest;
      await this.#sign();
    }
  }

  /** The checkpoint of everything that is recorded now. */
  latest(): Promise<Signed> {
    return this.covering(this.#parts.house.log.size);
  }

  /** Whether those who hold the node's present certificate can verify it. */
  isFresh({ time }: Signed): boolean {
    return Math.abs(this.#parts.time.now() - time) < MAX_AGE_MS;
  }

  /** What was signed last; nobody is shown more of the log than this covers. */
  get signedSize(): Position {
    return this.#latest?.size ?? (0 as Position);
  }

  #sign(): Promise<void> {
    this.#signing ??= this.#signHead().finally(() => {
      this.#signing = undefined;
    });
    return this.#signing;
  }

  async #signHead(): Promise<void> {
    const { house, node, time } = this.#parts;
    const { size, root } = house.log.head();
    const now = time.now();
    const checkpoint = await signCheckpoint(node.signer, house.house, { size, root }, now);
    this.#latest = { checkpoint, chain: [...node.chain], size: size as Position, root, time: now };
  }
}
