/** The file of a bot's decisions: one JSON line for each, at the end, on disk before anything is done on the strength of it. */
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { utf8 } from '../../shared/bytes.ts';
import { ClientError } from '../client-error.ts';
import { openPrivateDirectory, openPrivateLog } from '../identity/private-files.ts';
import { Decision } from './decision.ts';

/** Where decisions go. */
export interface DecisionLog {
  /** On disk when this resolves. */
  append(decision: Decision): Promise<void>;
}

const LINE_FEED = 0x0a;

/** Append-only, but for half a line that a crash left at the end: nothing was done on the strength of that. */
export class DecisionJournal implements DecisionLog {
  /** What earlier runs wrote. */
  readonly kept: readonly Decision[];
  readonly #path: string;
  readonly #file: FileHandle;
  /** One line after the other; after one that failed nothing is written any more. */
  #last: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle, kept: readonly Decision[]) {
    this.#path = path;
    this.#file = file;
    this.kept = kept;
  }

  /** Opens the journal of this name in a folder. Throws `home-too-open`, and `home-unreadable` for a line of another form. */
  static async open(folder: string, name: string): Promise<DecisionJournal> {
    await openPrivateDirectory(folder);
    const path = join(folder, `${name}.jsonl`);
    const file = await openPrivateLog(path);
    try {
      return new DecisionJournal(path, file, await readDecisions(file, path));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  append(decision: Decision): Promise<void> {
    this.#last = this.#last.then(() => this.#write(`${JSON.stringify(decision)}\n`));
    return this.#last;
  }

  /** Resolves when everything is written. */
  async close(): Promise<void> {
    // Whoever appended was told of a failure.
    await this.#last.catch(() => undefined);
    await this.#file.close();
  }

  async #write(line: string): Promise<void> {
    try {
      await this.#file.appendFile(line);
      await this.#file.datasync();
    } catch (cause) {
      throw new ClientError('home-unreadable', `${this.#path} can not be written`, { cause });
    }
  }
}

async function readDecisions(file: FileHandle, path: string): Promise<Decision[]> {
  const bytes = await file.readFile();
  const end = bytes.lastIndexOf(LINE_FEED) + 1;
  if (end < bytes.length) await file.truncate(end);
  try {
    const lines = utf8.decode(bytes.subarray(0, end)).split('\n').slice(0, -1);
    return lines.map((line) => Decision.parse(JSON.parse(line)));
  } catch (cause) {
    // To bid on without knowing what was bid before would be to bid without limits.
    throw new ClientError('home-unreadable', `${path} has a line that no bot wrote`, { cause });
  }
}
