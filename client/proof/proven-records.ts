/**
 * Reads the public log and believes nothing of it: a page counts once the tree that ends with it is the one that was
 * signed. Only the edge of the tree is kept, and the last records.
 */
import { decodeBase64url, equalBytes, utf8 } from '../../shared/bytes.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { leafHashOf } from '../../shared/journal/record.ts';
import { type TreeHead, verifyConsistency } from '../../shared/merkle/consistency.ts';
import { MAX_LOG_ENTRIES } from '../../shared/wire/limits.ts';
import type { LogEntry } from '../../shared/wire/log.ts';
import type { LogApi } from './log-api.ts';
import { RightEdge } from './right-edge.ts';

/** Records that were read, from the position `from` up to `to`; `error` where they are not those that were signed. */
export interface ReadPage {
  readonly from: number;
  readonly to: number;
  readonly error?: ProtocolError;
}

/** The log may be read before what it holds is announced: some seconds of a busy house, at most some 3 MB. */
const KEPT_RECORDS = 1_024;

export class ProvenRecords {
  readonly #log: Pick<LogApi, 'entries' | 'inclusion' | 'consistency'>;
  readonly #records = new Map<number, LogEntry>();
  #edge: RightEdge | undefined;

  constructor(log: Pick<LogApi, 'entries' | 'inclusion' | 'consistency'>) {
    this.#log = log;
  }

  /** The record at this position, if it was read lately, and proven. */
  at(position: number): LogEntry | undefined {
    return this.#records.get(position);
  }

  /**
   * Reads one page towards the record at `wanted`, no further than the checkpoint. `undefined` where the log shows nothing
   * yet: it stops before a bid that is withheld. Throws what the house refuses.
   */
  async read(wanted: number, signed: TreeHead): Promise<ReadPage | undefined> {
    const edge = this.#reaches(wanted) ? this.#edge : undefined;
    const from = edge === undefined ? wanted : edge.size + 1;
    if (from > signed.size) return undefined;
    const page = (await this.#log.entries(from)).slice(0, signed.size - from + 1);
    const [first, ...rest] = page;
    if (first === undefined) return undefined;
    const to = from + page.length - 1;
    try {
      const begun = edge?.append(leafOf(first)) ?? (await this.#beginAt(from, first));
      const next = rest.reduce((before, entry) => before.append(leafOf(entry)), begun);
      await this.#demandSigned(next, signed);
      this.#edge = next;
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.code !== 'merkle-proof-invalid') throw error;
      this.#edge = undefined;
      return { from, to, error };
    }
    for (const [index, entry] of page.entries()) this.#keep(from + index, entry);
    return { from, to };
  }

  /** Whether it is shorter to go on than to begin anew. */
  #reaches(wanted: number): boolean {
    const size = this.#edge?.size;
    return size !== undefined && wanted > size && wanted <= size + MAX_LOG_ENTRIES;
  }

  async #beginAt(position: number, entry: LogEntry): Promise<RightEdge> {
    const path = await this.#log.inclusion(position, position);
    return RightEdge.after(leafOf(entry), position, path.map(bytesOf));
  }

  /** The tree that ends with the page is the signed one, or its beginning. */
  async #demandSigned(edge: RightEdge, signed: TreeHead): Promise<void> {
    if (edge.size === signed.size) {
      if (!equalBytes(edge.root, signed.root)) throw new ProtocolError('merkle-proof-invalid', 'another root');
      return;
    }
    const path = await this.#log.consistency(edge.size, signed.size);
    verifyConsistency(edge, signed, path.map(bytesOf));
  }

  #keep(position: number, entry: LogEntry): void {
    this.#records.set(position, entry);
    const [oldest] = this.#records.keys();
    if (this.#records.size > KEPT_RECORDS && oldest !== undefined) this.#records.delete(oldest);
  }
}

function leafOf({ record, commitment }: LogEntry): Uint8Array {
  return leafHashOf({ publicPart: utf8.encode(record), commitment: bytesOf(commitment) });
}

function bytesOf(text: string): Uint8Array {
  return decodeBase64url(text) ?? new Uint8Array();
}
