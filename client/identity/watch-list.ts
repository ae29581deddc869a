/** The lots that a home watches, in a file of its own: it says what its owner is interested in. */
import { join } from 'node:path';
import { z } from 'zod';
import { LotId } from '../../shared/wire/vocabulary.ts';
import { parseJson } from './identity.ts';
import { readPrivateFile, writePrivateFile } from './private-files.ts';

const WatchFile = z.strictObject({ v: z.literal(1), lots: z.array(LotId) });

/** Watched lots that are kept; the longest watched go first. */
export const MAX_WATCHED = 1_000;

export class WatchList {
  readonly #path: string;

  constructor(directory: string) {
    this.#path = join(directory, 'watched.json');
  }

  /** In the order in which they were added. Throws `home-unreadable` and `home-too-open`. */
  async load(): Promise<ReadonlySet<LotId>> {
    const bytes = await readPrivateFile(this.#path);
    return new Set(bytes === undefined ? [] : parseJson(WatchFile, bytes).lots);
  }

  /** Replaces the list. Returns what is kept of it, on disk when this resolves. */
  async keep(lots: ReadonlySet<LotId>): Promise<ReadonlySet<LotId>> {
    const kept = [...lots].slice(-MAX_WATCHED);
    await writePrivateFile(this.#path, `${JSON.stringify({ v: 1, lots: kept }, undefined, 2)}\n`);
    return new Set(kept);
  }
}
