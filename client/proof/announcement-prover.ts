/**
 * Proves what the house announces: each announcement is compared with the record at its position, in the journal that the
 * house has signed. It follows the public log, one request at a time; what is announced meanwhile is part of the next one.
 */
import { ProtocolError } from '../../shared/errors.ts';
import type { Checkpoint } from '../../shared/journal/checkpoint.ts';
import type { Announcement } from '../../shared/wire/announcements.ts';
import type { LogEntry } from '../../shared/wire/log.ts';
import type { LotId, Position } from '../../shared/wire/vocabulary.ts';
import { remedyFor } from '../connection/recovery.ts';
import type { ProofOutcome } from '../store/model.ts';
import { demandSame } from './demand-same.ts';
import type { LogApi } from './log-api.ts';
import type { ProofStore } from './proof-store.ts';
import { ProvenRecords } from './proven-records.ts';

/** What came of an announcement's proof. */
export interface AnnouncementProof {
  readonly position: Position;
  readonly lot: LotId;
  readonly event: Announcement['event'];
  readonly outcome: ProofOutcome;
  /** Why it failed. */
  readonly error?: ProtocolError;
  /** The file with what was announced and what was shown. */
  readonly evidence?: string;
}

export interface AnnouncementProverParts {
  readonly log: Pick<LogApi, 'entries' | 'inclusion' | 'consistency'>;
  /** The newest verified checkpoint, if it covers the position, else a newer one; `undefined` where there is none. */
  readonly checkpoint: (position: Position) => Promise<Checkpoint | undefined>;
  readonly store: Pick<ProofStore, 'keepEvidence'>;
  readonly onProof: (proof: AnnouncementProof) => void;
  readonly onTrouble: (error: unknown) => void;
  /** Waits; shorter when the end comes. */
  readonly pause: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Between two pages: a house with many who check it has to answer bidders too. */
const PAUSE_MS = 250;
/** The same while the log shows nothing new, or the house does not answer. */
const MAX_PAUSE_MS = 2_000;
/** A house that answers, and refuses so often to show a record, does not show it. */
const ATTEMPTS = 5;
/** Announcements that wait for a log that does not go on. The oldest are given up, and stay unproved. */
const MAX_WAITING = 16_384;

export class AnnouncementProver {
  readonly #parts: AnnouncementProverParts;
  readonly #records: ProvenRecords;
  readonly #waiting = new Map<Position, Announcement>();
  #work: Promise<void> = Promise.resolve();
  #isWorking = false;
  #refusals = 0;

  constructor(parts: AnnouncementProverParts) {
    this.#parts = parts;
    this.#records = new ProvenRecords(parts.log);
  }

  /** Takes in an announcement. Its proof comes to `onProof`: in a moment, or when the log shows its record. */
  expect(announcement: Announcement): void {
    this.#waiting.set(announcement.position, announcement);
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > MAX_WAITING && oldest !== undefined) this.#waiting.delete(oldest);
    if (this.#isWorking) return;
    this.#isWorking = true;
    this.#work = this.#prove();
  }

  /** Resolves when nothing is under way. */
  settled(): Promise<void> {
    return this.#work;
  }

  async #prove(): Promise<void> {
    const { signal, pause, onTrouble } = this.#parts;
    let pauseMs = PAUSE_MS;
    while (!signal.aborted) {
      try {
        await this.#judgeRead();
        if (this.#waiting.size === 0) break;
        pauseMs = (await this.#read()) ? PAUSE_MS : Math.min(2 * pauseMs, MAX_PAUSE_MS);
        await this.#judgeRead();
      } catch (error) {
        onTrouble(error);
        pauseMs = MAX_PAUSE_MS;
      }
      await pause(pauseMs);
    }
    this.#isWorking = false;
  }

  /** Whether the log went on. */
  async #read(): Promise<boolean> {
    const wanted = Math.min(...this.#waiting.keys()) as Position;
    const signed = await this.#parts.checkpoint(Math.max(...this.#waiting.keys()) as Position);
    if (signed === undefined) return false;
    try {
      const page = await this.#records.read(wanted, signed);
      this.#refusals = 0;
      if (page?.error !== undefined) await this.#failBetween(page.from, page.to, page.error, signed);
      return page !== undefined;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // A house that is away, or has too much to do, proves nothing by it.
      this.#refusals += isSilence(error) ? 0 : 1;
      if (this.#refusals === ATTEMPTS) {
        this.#refusals = 0;
        await this.#failBetween(wanted, wanted, error, signed);
      }
      return false;
    }
  }

  /** Compares everything whose record was read. */
  async #judgeRead(): Promise<void> {
    // What comes while it is at it is part of it.
    for (const [position, announcement] of this.#waiting) {
      const entry = this.#records.at(position);
      if (entry !== undefined) await this.#judge(announcement, entry);
    }
  }

  async #judge(announcement: Announcement, entry: LogEntry): Promise<void> {
    try {
      demandSame(announcement, entry.record);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      await this.#fail(announcement, error, { ...entry });
      return;
    }
    this.#settle(announcement, { outcome: 'verified' });
  }

  async #failBetween(from: number, to: number, cause: ProtocolError, signed: Checkpoint): Promise<void> {
    const error = new ProtocolError('announcement-false', cause.detail ?? cause.code, { cause });
    for (const [position, announcement] of [...this.#waiting]) {
      if (position >= from && position <= to) await this.#fail(announcement, error, { shown: signed.signed });
    }
  }

  async #fail(announcement: Announcement, error: ProtocolError, shown: object): Promise<void> {
    const name = `announcement-${announcement.lot}-${announcement.position}`;
    const evidence = await this.#parts.store.keepEvidence(name, { announcement, ...shown, why: error.detail });
    this.#settle(announcement, { outcome: 'failed', error, evidence });
  }

  #settle({ position, lot, event }: Announcement, outcome: Pick<AnnouncementProof, 'outcome' | 'error' | 'evidence'>) {
    this.#waiting.delete(position);
    this.#parts.onProof({ position, lot, event, ...outcome });
  }
}

function isSilence(error: ProtocolError): boolean {
  return remedyFor(error) !== undefined || error.code === 'peer-untrusted' || error.code === 'log-too-short';
}
