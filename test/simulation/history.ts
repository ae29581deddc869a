/** The one history of a house, hashed as RFC 9162 says by code of its own: the root of each tree that its durable records have made. */
import { createHash } from 'node:crypto';
import type { JournalRecord } from '../../shared/journal/record.ts';

/** A whole subtree at the right edge. */
interface Peak {
  readonly leaves: number;
  readonly hash: Buffer;
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

export class History {
  /** By size; base64url. */
  readonly #roots: string[] = [sha256().toString('base64url')];
  readonly #peaks: Peak[] = [];

  append({ publicPart, commitment }: JournalRecord): void {
    let peak: Peak = { leaves: 1, hash: sha256(LEAF, publicPart, commitment) };
    for (let left = this.#peaks.at(-1); left?.leaves === peak.leaves; left = this.#peaks.at(-1)) {
      this.#peaks.pop();
      peak = { leaves: 2 * peak.leaves, hash: sha256(NODE, left.hash, peak.hash) };
    }
    this.#peaks.push(peak);
    const root = this.#peaks.map(({ hash }) => hash).reduceRight((right, left) => sha256(NODE, left, right));
    this.#roots.push(root.toString('base64url'));
  }

  /** `undefined` where there have not been so many records. */
  rootAt(size: number): string | undefined {
    return this.#roots[size];
  }
}
