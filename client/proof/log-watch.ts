/**
 * Watches one house's journal: every checkpoint that the house shows, to us or in an earlier run, has to belong to one
 * history. For each new one a consistency proof with the last one is demanded; without it the house is not believed.
 */
import { decodeBase64url } from '../../shared/bytes.ts';
import { ProtocolError, type RefusalCode } from '../../shared/errors.ts';
import { type Checkpoint, verifyCheckpoint, verifyCosignature } from '../../shared/journal/checkpoint.ts';
import { verifyConsistency } from '../../shared/merkle/consistency.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import type { Continuation, SignedCheckpoint, WitnessedCheckpoint } from '../../shared/wire/log.ts';
import type { HouseId, Position } from '../../shared/wire/vocabulary.ts';
import type { LogApi } from './log-api.ts';
import type { KnownLog, ProofStore } from './proof-store.ts';

/** A house that has shown two histories, or can't show that it has not. */
export interface Fork {
  readonly house: HouseId;
  /** What was seen before. */
  readonly known: Checkpoint;
  /** What is shown now. */
  readonly shown: Checkpoint;
  /** What is wrong between the two. */
  readonly error: ProtocolError;
  /** The file with both, as they were signed. */
  readonly evidence: string;
}

export interface LogWatchParts {
  readonly house: HouseId;
  readonly root: Certificate;
  readonly log: Pick<LogApi, 'checkpoint' | 'consistency'>;
  readonly store: Pick<ProofStore, 'known' | 'keepKnown' | 'keepEvidence'>;
  /** How far the house has told us what happened: its journal is at least as long. */
  readonly told: () => Position;
  /** Called once; nothing is watched after it. */
  readonly onFork: (fork: Fork) => void;
  /** What could not be looked at now, and will be at the next look. */
  readonly onTrouble: (error: unknown) => void;
  /** Waits between two attempts to get a proof. */
  readonly pause: () => Promise<void>;
}

/** A node of the house that is behind the others catches up long before these are used up. */
const ATTEMPTS = 5;

/** The house was not there, or had too much to do: that proves nothing, and is asked again later. */
const SILENCE: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'dms-unreachable',
  'peer-untrusted',
  'too-many-requests',
  'trusted-time-unavailable',
  'shutting-down',
]);

/** What may come with a checkpoint. */
interface Companions {
  readonly witnessed?: WitnessedCheckpoint | undefined;
  readonly continues?: Continuation | undefined;
}

export class LogWatch {
  readonly #parts: LogWatchParts;
  /** One after the other, in the order in which they were shown. */
  #work: Promise<void>;
  #last: Checkpoint | undefined;
  #witnessed: WitnessedCheckpoint | undefined;
  /** What was shown when the house gave no proof, as one that ends does not: it is still to fit. */
  #unproven: Checkpoint | undefined;
  #isOver = false;

  constructor(parts: LogWatchParts) {
    this.#parts = parts;
    this.#work = this.#load().catch(parts.onTrouble);
  }

  /** Compares a verified checkpoint with the last one, in the background. `continues` is a proof that came with it. */
  see(shown: Checkpoint, continues?: Continuation): void {
    this.#queue(() => this.#compare(shown, { continues }));
  }

  /** Fetches the newest checkpoint and looks at it, and at the witness's. Resolves when that is done. */
  look(): Promise<void> {
    this.#queue(async () => {
      if (this.#unproven !== undefined) await this.#compare(this.#unproven);
      if (this.#isOver) return;
      const { witnessed, ...newest } = await this.#newest();
      if (witnessed !== undefined) await this.#seeWitnessed(witnessed);
      if (!this.#isOver) await this.#compare(newest);
    });
    return this.#work;
  }

  /**
   * The last checkpoint that fits all before it, if it covers the position; else it looks for a newer one first. It may be
   * shorter still where the house does not answer. `undefined` where there is none, or where the house is not believed.
   */
  async covering(position: Position): Promise<Checkpoint | undefined> {
    if (this.#last === undefined || this.#last.size < position) await this.look();
    return this.#isOver ? undefined : this.#last;
  }

  /** Resolves when everything that was shown so far has been looked at. */
  settled(): Promise<void> {
    return this.#work;
  }

  #queue(work: () => Promise<void>): void {
    this.#work = this.#work
      .then(() => (this.#isOver ? undefined : work()))
      .catch((error) => this.#parts.onTrouble(error));
  }

  async #load(): Promise<void> {
    const known = await this.#parts.store.known(this.#parts.house);
    if (known === undefined) return;
    this.#last = await this.#verify(known.last);
    this.#witnessed = known.witnessed;
  }

  /** A house that goes on showing an old checkpoint hides what it told us itself. */
  async #newest(): Promise<Checkpoint & { readonly witnessed: WitnessedCheckpoint | undefined }> {
    for (let attempt = 1; ; attempt++) {
      const told = this.#parts.told();
      const { witnessed, ...signed } = await this.#parts.log.checkpoint();
      const newest = await this.#verify(signed);
      if (newest.size >= told) return { ...newest, witnessed };
      if (attempt === ATTEMPTS) {
        // It may be shorter than what was signed before, too: that is a fork, and not only trouble.
        await this.#compare(newest);
        throw new ProtocolError('log-too-short', `${told} records were told, and ${newest.size} are signed`);
      }
      await this.#parts.pause();
    }
  }

  async #seeWitnessed(witnessed: WitnessedCheckpoint): Promise<void> {
    if (witnessed.checkpoint === this.#witnessed?.checkpoint) return;
    const { checkpoint, chain, witness } = witnessed;
    const shown = await this.#verify({ checkpoint, chain });
    await verifyCosignature(witness, shown, this.#parts.root);
    await this.#compare(shown, { witnessed });
  }

  async #verify(signed: SignedCheckpoint): Promise<Checkpoint> {
    const shown = await verifyCheckpoint(signed, this.#parts.root);
    if (shown.house !== this.#parts.house) throw new ProtocolError('peer-untrusted', 'a checkpoint of another house');
    return shown;
  }

  /** The greater one is the last one from then on. */
  async #compare(shown: Checkpoint, { witnessed = this.#witnessed, continues }: Companions = {}): Promise<void> {
    const known = this.#last;
    if (known !== undefined && (await this.#isFork(known, shown, continues))) return;
    if (shown === this.#unproven) this.#unproven = undefined;
    const isNews = known === undefined || shown.size > known.size || witnessed !== this.#witnessed;
    if (known === undefined || shown.size > known.size) this.#last = shown;
    this.#witnessed = witnessed;
    if (isNews) await this.#keep(this.#last ?? shown);
  }

  /** Reports it where it is one. Throws where that can't be known just now; then it is looked at again. */
  async #isFork(known: Checkpoint, shown: Checkpoint, continues: Continuation | undefined): Promise<boolean> {
    try {
      await this.#demandOneHistory(known, shown, continues);
      return false;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (SILENCE.has(error.code)) {
        if (shown.size >= (this.#unproven?.size ?? 0)) this.#unproven = shown;
        throw error;
      }
      await this.#reportFork(known, shown, error);
      return true;
    }
  }

  async #demandOneHistory(known: Checkpoint, shown: Checkpoint, continues: Continuation | undefined): Promise<void> {
    const [earlier, later] = known.size <= shown.size ? [known, shown] : [shown, known];
    if (earlier.size === 0) {
      // From an empty journal everything follows; but a journal that had records has to have them still.
      if (known.size > shown.size) await this.#proof(known.size, known.size);
      return;
    }
    verifyConsistency(earlier, later, (await this.#path(earlier.size, later.size, continues)).map(bytesOf));
  }

  /** Of one size there is nothing to prove; often the proof is there already. */
  async #path(from: number, to: number, continues: Continuation | undefined): Promise<string[]> {
    if (from === to) return [];
    return continues?.from === from ? continues.path : this.#proof(from, to);
  }

  /** A house that answers has to give the proof: what it refuses again and again, it can't show. */
  async #proof(from: number, to: number): Promise<string[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#parts.log.consistency(from, to);
      } catch (error) {
        if (!(error instanceof ProtocolError) || SILENCE.has(error.code) || attempt === ATTEMPTS) throw error;
      }
      await this.#parts.pause();
    }
  }

  async #keep(last: Checkpoint): Promise<void> {
    const { store, house } = this.#parts;
    const known: KnownLog = {
      v: 1,
      last: last.signed,
      ...(this.#witnessed === undefined ? {} : { witnessed: this.#witnessed }),
    };
    await store.keepKnown(house, known);
  }

  async #reportFork(known: Checkpoint, shown: Checkpoint, cause: ProtocolError): Promise<void> {
    const { house, store, onFork } = this.#parts;
    this.#isOver = true;
    const name = `${house}-${known.size}-${shown.size}`;
    const evidence = await store.keepEvidence(name, {
      house,
      known: known.signed,
      shown: shown.signed,
      why: cause.code,
    });
    const detail = `between ${known.size} and ${shown.size} records; the evidence is in ${evidence}`;
    onFork({ house, known, shown, error: new ProtocolError('log-inconsistent', detail, { cause }), evidence });
  }
}

function bytesOf(hash: string): Uint8Array {
  return decodeBase64url(hash) ?? new Uint8Array();
}
