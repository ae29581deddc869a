/** Whether the records that are shown are those that were signed, and which is the first that is not. */
import { decodeBase64url, equalBytes } from '../../shared/bytes.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { type TreeHead, verifyConsistency } from '../../shared/merkle/consistency.ts';
import { GrowingTree } from '../../shared/merkle/growing-tree.ts';
import { rootFromInclusion } from '../../shared/merkle/inclusion.ts';
import type { Finding } from './finding.ts';

export type Proof = readonly string[] | undefined;

export class CopiedTree {
  /** Over the records that are shown. */
  readonly #records = new GrowingTree();
  /**
   * Over the leaf hashes that are shown beside them. If these lead to the signed root, they are the right ones, and a
   * record with another hash is found by itself. If not, they are worth nothing and do no harm.
   */
  readonly #listed = new GrowingTree();
  /** Listed leaves whose record has not come yet. */
  #awaited: Uint8Array[] = [];
  #different: Finding | undefined;

  /** How many records were shown. */
  get size(): number {
    return this.#records.size;
  }

  addLeaves(leaves: readonly string[]): void {
    for (const text of leaves) {
      const leaf = decodeBase64url(text) ?? new Uint8Array();
      this.#listed.append(leaf);
      this.#awaited.push(leaf);
    }
  }

  addRecord(leaf: Uint8Array): void {
    this.#records.append(leaf);
    if (this.#listed.size === 0 || this.#different !== undefined) return;
    const expected = this.#awaited.shift();
    if (expected !== undefined && equalBytes(expected, leaf)) return;
    const isLater = this.#awaited.some((later) => equalBytes(later, leaf));
    const rule = expected === undefined ? 'record-beyond' : isLater ? 'record-missing' : 'record-changed';
    this.#different = { rule, position: this.size };
  }

  /** The first record that is not the one that `signed` has there; `undefined` if all are. */
  async compare(
    signed: TreeHead,
    proof: Proof,
    { sure, prove }: { readonly sure: number; readonly prove?: ((size: number) => Promise<Proof>) | undefined },
  ): Promise<Finding | undefined> {
    if (this.#listed.size > 0 && leadsTo(this.#listed, signed, proof)) return this.#different ?? this.#short(signed);
    if (this.agreesWith(signed, proof)) return this.#beyond(signed);
    if (prove !== undefined) return { rule: 'record-changed', position: (await this.#search(signed, prove)) + 1 };
    if (this.size < signed.size && proof === undefined) return { rule: 'record-missing', position: this.size + 1 };
    const last = Math.min(this.size, signed.size);
    return { rule: 'root-differs', position: sure + 1, detail: `somewhere from record ${sure + 1} to ${last}` };
  }

  #short(signed: TreeHead): Finding | undefined {
    if (this.size < this.#listed.size) return { rule: 'record-missing', position: this.size + 1 };
    return this.#beyond(signed);
  }

  #beyond({ size }: TreeHead): Finding | undefined {
    return this.size > size ? { rule: 'record-beyond', position: size + 1 } : undefined;
  }

  /** Whether these records belong to the journal of this head: as its beginning, or it as theirs. */
  agreesWith(signed: TreeHead, proof: Proof): boolean {
    return leadsTo(this.#records, signed, proof);
  }

  /** Whether the record at this position has this hash. */
  has(leaf: Uint8Array, position: number): boolean {
    const path = this.#records.inclusion(position - 1, this.size);
    return equalBytes(rootFromInclusion(leaf, position - 1, this.size, path), this.#records.root());
  }

  /** The most records from the beginning that a proof of the signed tree continues. What is not proven counts as wrong. */
  async #search(signed: TreeHead, prove: (size: number) => Promise<Proof>): Promise<number> {
    let [right, wrong] = [0, Math.min(this.size, signed.size) + 1];
    while (right + 1 < wrong) {
      const middle = Math.floor((right + wrong) / 2);
      const head = { size: middle, root: this.#records.root(middle) };
      if (continues(head, signed, await prove(middle))) right = middle;
      else wrong = middle;
    }
    return right;
  }
}

function leadsTo(tree: GrowingTree, signed: TreeHead, proof: Proof): boolean {
  if (tree.size >= signed.size) return equalBytes(tree.root(signed.size), signed.root);
  if (proof === undefined) return false;
  // Of no records everything is a continuation.
  return tree.size === 0 || continues({ size: tree.size, root: tree.root() }, signed, proof);
}

function continues(earlier: TreeHead, later: TreeHead, proof: Proof): boolean {
  if (proof === undefined) return false;
  try {
    const path = proof.map((hash) => decodeBase64url(hash) ?? new Uint8Array());
    verifyConsistency(earlier, later, path);
    return true;
  } catch (error) {
    // It says that this proof does not lead there, which is the answer.
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}
