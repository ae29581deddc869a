/** How a participant holds a house to its word, put together: receipts, checkpoints, and what to do when they don't fit. */
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import type { Announcement } from '../../shared/wire/announcements.ts';
import type { ReceiptedAnswer } from '../../shared/wire/commands.ts';
import type { CertificatePem, HouseId, Position } from '../../shared/wire/vocabulary.ts';
import { delay } from '../connection/back-off.ts';
import { remedyFor } from '../connection/recovery.ts';
import { type AnnouncementProof, AnnouncementProver } from './announcement-prover.ts';
import { LogApi, MAX_PAGE_BYTES } from './log-api.ts';
import { type Fork, LogWatch } from './log-watch.ts';
import { ProofStore } from './proof-store.ts';
import { ReceiptBook, type Sent } from './receipt-book.ts';

export interface CustodyParts {
  readonly dmsUrl: string;
  readonly root: Certificate;
  /** The participant's home. */
  readonly directory: string;
  /** How far the house has told us what happened: its journal is at least as long. */
  readonly told: () => Position;
  readonly onFork: (fork: Fork) => void;
  /** Has every announcement proved; without it none is. */
  readonly onProof?: (proof: AnnouncementProof) => void;
  readonly onTrouble: (error: unknown) => void;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

/** How often the newest checkpoint is asked for: commands bring theirs by themselves. */
const LOOK_MS = 15_000;
/** Between two attempts to get a proof. */
const PAUSE_MS = 500;

export class Custody {
  readonly #parts: CustodyParts;
  readonly #store: ProofStore;
  readonly #log: LogApi;
  readonly #receipts: ReceiptBook;
  readonly #prover: AnnouncementProver | undefined;
  #watch: LogWatch | undefined;

  constructor(parts: CustodyParts) {
    const { dmsUrl, root, directory, onProof } = parts;
    this.#parts = parts;
    this.#store = new ProofStore(directory);
    this.#log = new LogApi(dmsUrl, root, onProof && { maxReplyBytes: MAX_PAGE_BYTES });
    const see: ConstructorParameters<typeof ReceiptBook>[0]['see'] = (checkpoint, continues) =>
      this.#watch?.see(checkpoint, continues);
    this.#receipts = new ReceiptBook({ root, store: this.#store, see });
    this.#prover = onProof && this.#createProver(onProof);
  }

  /** Begins to watch the house, at the first session; looks at its journal now, at the others too. */
  watch(house: HouseId): void {
    const { root, told, onFork, signal } = this.#parts;
    this.#watch ??= new LogWatch({
      ...{ house, root, told, onFork, log: this.#log, store: this.#store },
      onTrouble: (error) => this.#troubled(error),
      pause: () => delay(PAUSE_MS, signal),
    });
    void this.#watch.look();
  }

  /** Looks now and then, until the signal. */
  async keepLooking(): Promise<void> {
    const { signal } = this.#parts;
    while (!signal.aborted) {
      await delay(LOOK_MS, signal);
      if (!signal.aborted) await this.#watch?.look();
    }
  }

  /** Verifies and keeps the receipt of a command. Throws 'receipt-invalid'. */
  take(sent: Sent, answer: ReceiptedAnswer, chain: readonly CertificatePem[]): Promise<void> {
    return this.#receipts.take(sent, answer, chain);
  }

  /** Takes in what the house announced, to have it proved. */
  expect(announcement: Announcement): void {
    this.#prover?.expect(announcement);
  }

  /** Frees the connections, when what was under way is done. */
  async close(): Promise<void> {
    await this.#prover?.settled();
    await this.#watch?.settled();
    await this.#log.close();
  }

  #createProver(onProof: (proof: AnnouncementProof) => void): AnnouncementProver {
    const { signal } = this.#parts;
    return new AnnouncementProver({
      ...{ log: this.#log, store: this.#store, onProof, signal },
      checkpoint: async (position) => this.#watch?.covering(position),
      onTrouble: (error) => this.#troubled(error),
      pause: (ms) => delay(ms, signal),
    });
  }

  /** A house that is away, or has too much to do, is looked at again; and nothing interrupts like the end. */
  #troubled(error: unknown): void {
    if (!this.#parts.signal.aborted && remedyFor(error) === undefined) this.#parts.onTrouble(error);
  }
}
