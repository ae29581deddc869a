/**
 * What the other party of each of our sales is bound by: its signed bid or listing, opened to us by the house, verified
 * against the public journal, and kept. Asked for after the sale is known and kept, so that a house that can't or won't
 * open it withholds this alone.
 */
import { ProtocolError } from '../../shared/errors.ts';
import type { Checkpoint } from '../../shared/journal/checkpoint.ts';
import { type OpenedCommand, verifyOpening } from '../../shared/journal/verify-opening.ts';
import type { Opening } from '../../shared/wire/opening.ts';
import type { LotId, Position } from '../../shared/wire/vocabulary.ts';
import type { Sale } from '../notice-desk.ts';
import type { LogApi } from './log-api.ts';
import type { ProofStore } from './proof-store.ts';

/** The other party's command, verified and kept. */
export interface OpenedCommitment extends OpenedCommand {
  readonly lot: LotId;
  /** Which party we are. */
  readonly role: Sale['notice']['role'];
  /** Of its record. */
  readonly position: Position;
}

export interface OpeningBookParts {
  readonly log: Pick<LogApi, 'inclusion'>;
  readonly store: Pick<ProofStore, 'keepOpening' | 'hasOpening' | 'keepEvidence'>;
  /** Asks the house. Throws what it refuses, and `outcome-unknown` at the end. */
  readonly ask: (lot: LotId) => Promise<Opening>;
  /** A verified checkpoint that covers the position; `undefined` where there is none. */
  readonly checkpoint: (position: Position) => Promise<Checkpoint | undefined>;
  readonly onOpened: (opened: OpenedCommitment) => void;
  readonly onTrouble: (error: unknown, lot: LotId) => void;
}

export class OpeningBook {
  readonly #parts: OpeningBookParts;
  /** One after the other. */
  #work: Promise<void> = Promise.resolve();
  #owed = true;

  constructor(parts: OpeningBookParts) {
    this.#parts = parts;
  }

  /** Has the other party's commitment opened, in the background, unless that was done before. */
  take(sale: Sale): void {
    const { lot } = sale.notice;
    this.#work = this.#work
      .then(() => this.#open(sale))
      .catch((error) => {
        this.#owed = true;
        this.#parts.onTrouble(error, lot);
      });
  }

  /** Whether there may be sales whose opening is to be asked for: at the beginning, and when it could not be had. Once. */
  takeOwed(): boolean {
    const owed = this.#owed;
    this.#owed = false;
    return owed;
  }

  /** Resolves when nothing is under way. */
  settled(): Promise<void> {
    return this.#work;
  }

  async #open({ notice: { lot, role, hammerPrice }, counterparty }: Sale): Promise<void> {
    const { store, ask, checkpoint: covering, log, onOpened } = this.#parts;
    if (counterparty === undefined || (await store.hasOpening(lot, role))) return;
    const opening = await ask(lot);
    const checkpoint = await covering(opening.position);
    // Without a journal to hold it against nothing is shown; it is asked for again in the next run.
    if (checkpoint === undefined || checkpoint.size < opening.position) throw new ProtocolError('dms-unreachable');
    const path = await log.inclusion(opening.position, checkpoint.size);
    const opened = await verifyOpening({ opening, path, checkpoint }, { lot, hammerPrice, counterparty }).catch(
      async (error: unknown) => {
        if (!(error instanceof ProtocolError)) throw error;
        const shown = { opening, path, ...checkpoint.signed, why: error.detail };
        const evidence = await store.keepEvidence(`opening-${lot}-${role}`, shown);
        throw new ProtocolError('opening-invalid', `${error.detail}; it is in ${evidence}`, { cause: error });
      },
    );
    const { position, salt, privatePart, record, commitment } = opening;
    const { checkpoint: text, chain } = checkpoint.signed;
    const receipt = { record, commitment, checkpoint: text, path };
    const { statement } = opened;
    await store.keepOpening({
      v: 1,
      lot,
      role,
      command: { v: 1, statement, position, receipt, chain },
      salt,
      privatePart,
    });
    onOpened({ lot, role, position, ...opened });
  }
}
