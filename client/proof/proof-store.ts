/** What a participant keeps as proof, in the home: receipts, the last checkpoint of each house, and evidence against one. */

import { z } from 'zod';
import {
  keepPrivateFile,
  listPrivateFiles,
  openPrivateDirectory,
  readPrivateFile,
  writePrivateFile,
} from '#private-files';
import { Receipt, SignedCheckpoint, WitnessedCheckpoint } from '../../shared/wire/log.ts';
import { Opening } from '../../shared/wire/opening.ts';
import { CompactJws, type HouseId, LotId, Position } from '../../shared/wire/vocabulary.ts';
import { parseJson } from '../identity/identity.ts';

/** The last checkpoint that was seen of a house's journal, and the last that the witness had cosigned. */
const KnownLog = z.strictObject({
  v: z.literal(1),
  last: SignedCheckpoint,
  witnessed: WitnessedCheckpoint.exactOptional(),
});
export type KnownLog = z.infer<typeof KnownLog>;

/** A command with everything that shows to a third party, who has the root, that it was recorded. */
export const KeptReceipt = z.strictObject({
  v: z.literal(1),
  statement: CompactJws,
  position: Position,
  receipt: Receipt,
  /** Of the node that signed the checkpoint. */
  chain: SignedCheckpoint.shape.chain,
});
export type KeptReceipt = z.infer<typeof KeptReceipt>;

/** A bot has thousands of receipts, and a process only so many open files. */
const FILES_AT_ONCE = 64;

/** What the other party of a sale is bound by: its command, recorded, and what opens the record's commitment. */
export const KeptOpening = z.strictObject({
  v: z.literal(1),
  lot: LotId,
  /** Which party we are. */
  role: z.enum(['seller', 'winner']),
  command: KeptReceipt,
  salt: Opening.shape.salt,
  privatePart: Opening.shape.privatePart,
});
export type KeptOpening = z.infer<typeof KeptOpening>;

const OPENINGS = 'openings';
const RECEIPTS = 'receipts';
const LOGS = 'logs';
const EVIDENCE = 'evidence';

/** Every file is on disk, and its owner's alone, when the call that keeps it resolves. */
export class ProofStore {
  readonly #directory: string;
  /** The kinds whose folder was made, and found to be its owner's alone, in this run. */
  readonly #opened = new Set<string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Keeps a receipt under the command's id, if `verify`, for which it does not wait before it writes, finds it good. */
  async keepReceipt<Verified>(id: string, receipt: KeptReceipt, verify: () => Promise<Verified>): Promise<Verified> {
    return this.#write(RECEIPTS, id, receipt, (path, text) => keepPrivateFile(path, text, verify));
  }

  /** Every receipt that is kept, in the order of the journal. */
  async receipts(): Promise<KeptReceipt[]> {
    const receipts = await this.#readAll(RECEIPTS, KeptReceipt);
    return receipts.toSorted((one, other) => one.position - other.position);
  }

  /** Where the receipt of a command is. */
  receiptFile(id: string): string {
    return this.#path(RECEIPTS, id);
  }

  /** Keeps an opening that was verified, beside the notice of the sale. */
  async keepOpening(opening: KeptOpening): Promise<void> {
    await this.#write(OPENINGS, `${opening.lot}-${opening.role}`, opening, writePrivateFile);
  }

  async hasOpening(lot: LotId, role: KeptOpening['role']): Promise<boolean> {
    return (await readPrivateFile(this.#path(OPENINGS, `${lot}-${role}`))) !== undefined;
  }

  /** Every opening that is kept. */
  openings(): Promise<KeptOpening[]> {
    return this.#readAll(OPENINGS, KeptOpening);
  }

  /** What was last seen of this house's journal, in earlier runs too. */
  async known(house: HouseId): Promise<KnownLog | undefined> {
    const bytes = await readPrivateFile(this.#path(LOGS, house));
    return bytes === undefined ? undefined : parseJson(KnownLog, bytes);
  }

  async keepKnown(house: HouseId, known: KnownLog): Promise<void> {
    await this.#write(LOGS, house, known, writePrivateFile);
  }

  /** Keeps what speaks against a house, under a name of its own. Returns the file's path. */
  async keepEvidence(name: string, evidence: object): Promise<string> {
    await this.#write(EVIDENCE, name, { v: 1, ...evidence }, writePrivateFile);
    return this.#path(EVIDENCE, name);
  }

  async #readAll<Kept>(kind: string, schema: z.ZodType<Kept>): Promise<Kept[]> {
    await this.#open(kind);
    const paths = await listPrivateFiles(`${this.#directory}/${kind}`);
    const all: Kept[] = [];
    for (let from = 0; from < paths.length; from += FILES_AT_ONCE) {
      const files = await Promise.all(paths.slice(from, from + FILES_AT_ONCE).map(readPrivateFile));
      for (const file of files) if (file !== undefined) all.push(parseJson(schema, file));
    }
    return all;
  }

  async #write<Result>(
    kind: string,
    name: string,
    value: object,
    write: (path: string, text: string) => Promise<Result>,
  ): Promise<Result> {
    await this.#open(kind);
    try {
      return await write(this.#path(kind, name), `${JSON.stringify(value, undefined, 2)}\n`);
    } catch (error) {
      // It may be the folder that is not there any more: the next one looks again.
      this.#opened.delete(kind);
      throw error;
    }
  }

  async #open(kind: string): Promise<void> {
    if (this.#opened.has(kind)) return;
    await openPrivateDirectory(`${this.#directory}/${kind}`);
    this.#opened.add(kind);
  }

  #path(kind: string, name: string): string {
    return `${this.#directory}/${kind}/${name}.json`;
  }
}
