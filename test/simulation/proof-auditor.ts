/** The part of the auditor that looks at what the house signs: checkpoints and receipts, against the one history that is durable. */
import { decodeBase64url, encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Checkpoint } from '../../shared/journal/checkpoint.ts';
import { verifyReceipt } from '../../shared/journal/receipt.ts';
import { verifyConsistency } from '../../shared/merkle/consistency.ts';
import type { Cosignature, Receipt, WitnessRequest } from '../../shared/wire/log.ts';
import type { CompactJws, Position } from '../../shared/wire/vocabulary.ts';
import { History } from './history.ts';
import type { SentCommand } from './intake.ts';
import { HOUSE } from './vocabulary.ts';
import type { World } from './world.ts';

interface Claims {
  readonly house: string;
  readonly size: number;
  readonly root: string;
}

export class ProofAuditor {
  readonly history = new History();
  readonly #world: World;
  /** What the nodes have signed. */
  readonly #signed = new Set<string>();
  /** What the witness has given its word on, by its word. */
  readonly #cosigned = new Map<string, string>();
  #lastCosigned: Cosignature | undefined;
  /** The size of the checkpoint that was shown last on a connection. */
  readonly #shown = new WeakMap<object, number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** A node signs a checkpoint. */
  signed(name: string, bytes: Uint8Array, signature: Uint8Array): void {
    const { auditor, trace } = this.#world;
    const input = utf8.decode(bytes);
    const { house, size, root } = claimsIn(input);
    const said = `${name} signs ${size} ${root}`;
    // Not the root: it is over certificates as well, and no signature is made twice.
    trace.add(`${name} signs ${size}`);
    this.#signed.add(`${input}.${encodeBase64url(signature)}`);
    this.#world.noteThat('checkpoints');
    auditor.demand(size <= auditor.truth.position, 'a checkpoint covers nothing that is not durable', said);
    const isOnHistory = house === HOUSE && root === this.history.rootAt(size);
    auditor.demand(isOnHistory, 'all checkpoints lie on one history', said);
  }

  /** The witness gave its word on a checkpoint. Returns what it had given before that. */
  cosigned({ checkpoint }: WitnessRequest, given: Cosignature): Cosignature | undefined {
    const before = this.#lastCosigned;
    this.#lastCosigned = given;
    this.#cosigned.set(given.cosignature, headIn(checkpoint));
    this.#world.noteThat('cosignatures');
    return before;
  }

  /** A node sends a receipt to a connection. */
  sent(reader: object, receipt: Receipt): void {
    const { auditor } = this.#world;
    const { size } = claimsIn(receipt.checkpoint);
    const last = this.#shown.get(reader) ?? size;
    this.#shown.set(reader, size);
    if (receipt.witness !== undefined) this.#world.noteThat('witnessed receipts');
    const wrong = last < size || receipt.continues !== undefined ? this.#wrongContinuation(receipt, last) : undefined;
    auditor.demand(wrong === undefined, 'a receipt continues the one before it', () => `${last} to ${size}: ${wrong}`);
  }

  /** A guest has the receipt of its command. */
  received({ claims, statement }: SentCommand, position: Position, receipt: Receipt): void {
    const { auditor, disk } = this.#world;
    const where = `${claims.id} at ${position}`;
    const { checkpoint, witness } = receipt;
    auditor.demand(this.#signed.has(checkpoint), 'a receipt is of a checkpoint that was signed', where);
    const isWitnessed = witness === undefined || this.#cosigned.get(witness.cosignature) === headIn(checkpoint);
    auditor.demand(isWitnessed, 'a witnessed receipt bears the word of the witness on its checkpoint', where);
    const record = disk.records[position - 1]?.record;
    const isRecord =
      record !== undefined &&
      Buffer.from(record.publicPart).equals(Buffer.from(receipt.record)) &&
      encodeBase64url(record.commitment) === receipt.commitment;
    auditor.demand(isRecord, 'a receipt shows the record at its position', where);
    const command = { statement: statement as CompactJws, claims, position };
    const wrong = refusalOf(() => verifyReceipt(receipt, command, headOf(checkpoint)));
    auditor.demand(wrong === undefined, 'a receipt proves its command', () => `${where}: ${wrong}`);
  }

  #wrongContinuation({ checkpoint, continues }: Receipt, last: number): string | undefined {
    if (continues === undefined) return 'it continues nothing';
    if (continues.from !== last) return `it continues ${continues.from}`;
    const earlier = { size: last, root: bytesOf(this.history.rootAt(last) ?? '') };
    return refusalOf(() => verifyConsistency(earlier, headOf(checkpoint), continues.path.map(bytesOf)));
  }
}

function headOf(checkpoint: string): Checkpoint {
  const { root, ...claims } = claimsIn(checkpoint);
  return { ...claims, root: bytesOf(root) } as Partial<Checkpoint> as Checkpoint;
}

/** What a cosignature speaks of. */
function headIn(checkpoint: string): string {
  const { house, size, root } = claimsIn(checkpoint);
  return `${house} ${size} ${root}`;
}

function claimsIn(jws: string): Claims {
  return JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString());
}

function bytesOf(text: string): Uint8Array {
  return decodeBase64url(text) ?? new Uint8Array();
}

/** What a verification has against it. */
function refusalOf(verify: () => unknown): string | undefined {
  try {
    verify();
    return undefined;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return `${error.code}, ${error.detail}`;
  }
}
