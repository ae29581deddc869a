/** What a participant keeps as proof, in the home: receipts, the last checkpoint of each house, and evidence against one. */
import { join } from 'node:path';
import { z } from 'zod';
import { Receipt, SignedCheckpoint, WitnessedCheckpoint } from '../../shared/wire/log.ts';
import { CompactJws, type HouseId, Position } from '../../shared/wire/vocabulary.ts';
import { parseJson } from '../identity/identity.ts';
import {
  listPrivateFiles,
  openPrivateDirectory,
  readPrivateFile,
  writePrivateFile,
} from '../identity/private-files.ts';

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

const RECEIPTS = 'receipts';
const LOGS = 'logs';
const EVIDENCE = 'evidence';

/** Every file is on disk, and its owner's alone, when the call that keeps it resolves. */
export class ProofStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Keeps a receipt that was verified, under the command's id. */
  async keepReceipt(id: string, receipt: KeptReceipt): Promise<void> {
    await this.#write(RECEIPTS, id, receipt);
  }

  /** Every receipt that is kept, in the order of the journal. */
  async receipts(): Promise<KeptReceipt[]> {
    const folder = join(this.#directory, RECEIPTS);
    await openPrivateDirectory(folder);
    const paths = await listPrivateFiles(folder);
    const receipts: KeptReceipt[] = [];
    for (let from = 0; from < paths.length; from += FILES_AT_ONCE) {
      const files = await Promise.all(paths.slice(from, from + FILES_AT_ONCE).map(readPrivateFile));
      for (const file of files) if (file !== undefined) receipts.push(parseJson(KeptReceipt, file));
    }
    return receipts.toSorted((one, other) => one.position - other.position);
  }

  /** Where the receipt of a command is. */
  receiptFile(id: string): string {
    return join(this.#directory, RECEIPTS, `${id}.json`);
  }

  /** What was last seen of this house's journal, in earlier runs too. */
  async known(house: HouseId): Promise<KnownLog | undefined> {
    const bytes = await readPrivateFile(join(this.#directory, LOGS, `${house}.json`));
    return bytes === undefined ? undefined : parseJson(KnownLog, bytes);
  }

  async keepKnown(house: HouseId, known: KnownLog): Promise<void> {
    await this.#write(LOGS, house, known);
  }

  /** Keeps what speaks against a house, under a name of its own. Returns the file's path. */
  keepEvidence(name: string, evidence: object): Promise<string> {
    return this.#write(EVIDENCE, name, { v: 1, ...evidence });
  }

  async #write(kind: string, name: string, value: object): Promise<string> {
    await openPrivateDirectory(join(this.#directory, kind));
    const path = join(this.#directory, kind, `${name}.json`);
    await writePrivateFile(path, `${JSON.stringify(value, undefined, 2)}\n`);
    return path;
  }
}
