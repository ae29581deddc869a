/** The timestamp authority: what arrives while one batch is being signed is the next batch, so that load makes batches larger, not queues longer. */
import { encodeBase64url } from '../../shared/bytes.ts';
import { type JwsSigner, signJws } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { MerkleTree } from '../../shared/merkle/tree.ts';
import { imprintLeaf } from '../../shared/timestamp/timestamp-token.ts';
import { MAX_BATCH_SIZE, type TimestampBatchClaims, type TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { Digest } from '../../shared/wire/vocabulary.ts';
import { demandAlive, type SignerLives } from '../guard/certificate-life.ts';
import { type Sequence, takePlaces } from './sequence.ts';

/** Imprints that may wait for the next batches. More than that is no load but a mistake or an attack. */
const MAX_WAITING: number = MAX_BATCH_SIZE;

export interface BatchSignerParts extends Sequence {
  readonly signer: JwsSigner;
  /** The certificates that stand behind `signer` now. */
  readonly chain: () => SignerLives;
  /** `iss` of the batches. */
  readonly authority: string;
  readonly maxBatchSize?: number;
  readonly maxWaiting?: number;
  /** Hears how many timestamps a batch had. */
  readonly onIssued?: (count: number) => void;
}

interface Waiting {
  readonly imprint: Digest;
  readonly answer: (token: TimestampToken) => void;
  readonly fail: (error: unknown) => void;
}

export class BatchSigner {
  readonly #parts: BatchSignerParts;
  readonly #maxBatchSize: number;
  readonly #maxWaiting: number;
  #waiting: Waiting[] = [];
  #busy = false;

  constructor(parts: BatchSignerParts) {
    this.#parts = parts;
    this.#maxBatchSize = parts.maxBatchSize ?? MAX_BATCH_SIZE;
    this.#maxWaiting = parts.maxWaiting ?? MAX_WAITING;
  }

  /** A token over this imprint, of the time after its arrival. Throws 'too-many-requests' when too many wait already, and what stops us. */
  stamp(imprint: Digest): Promise<TimestampToken> {
    if (this.#waiting.length >= this.#maxWaiting) return Promise.reject(new ProtocolError('too-many-requests'));
    return new Promise((answer, fail) => {
      this.#waiting.push({ imprint, answer, fail });
      if (!this.#busy) this.#signWhatWaits();
    });
  }

  #signWhatWaits(): void {
    this.#busy = true;
    // After the requests that have arrived already: they belong into the same batch.
    setImmediate(() => {
      const batch = this.#waiting.slice(0, this.#maxBatchSize);
      this.#waiting = this.#waiting.slice(this.#maxBatchSize);
      void this.#sign(batch)
        .catch((error: unknown) => {
          for (const { fail } of batch) fail(error);
        })
        .finally(() => {
          this.#busy = false;
          if (this.#waiting.length > 0) this.#signWhatWaits();
        });
    });
  }

  async #sign(batch: readonly Waiting[]): Promise<void> {
    const { signer, chain, authority, clock, onIssued } = this.#parts;
    const tree = new MerkleTree(batch.map(({ imprint }) => imprintLeaf(imprint)));
    const { serial, time, epoch } = takePlaces(this.#parts, batch.length);
    demandAlive(chain(), time);
    const root = encodeBase64url(tree.root()) as Digest;
    const claims: TimestampBatchClaims = {
      iss: authority,
      clock: clock.kind,
      epoch,
      time,
      serial,
      size: batch.length,
      root,
    };
    const text = await signJws(signer, 'timestamp-batch+jwt', claims);
    onIssued?.(batch.length);
    batch.forEach(({ answer }, index) => {
      answer({ batch: text, index, path: tree.path(index).map(encodeBase64url) });
    });
  }
}
