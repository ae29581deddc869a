/**
 * The state of the house as frames and back. Lots are JSON as they are in memory; ids, of which there is one for each
 * record, are three values each in one flat array; the tree is its hashes.
 */
import { concatBytes, utf8 } from '../../shared/bytes.ts';
import { GrowingTree } from '../../shared/merkle/growing-tree.ts';
import type { HouseId, Position, Subject } from '../../shared/wire/vocabulary.ts';
import type { Bid, Lot } from '../auction/lot.ts';
import { type FrozenState, HouseState, type Seen } from '../commit/house-state.ts';
import { type Frame, SnapshotUnfit } from './frames.ts';

const KIND = { label: 1, lots: 2, ids: 3, tree: 4 } as const;

/** What a snapshot says of itself. */
export interface Label {
  /** The program that wrote it: another one may have other rules. */
  readonly form: string;
  readonly house: HouseId;
  readonly position: Position;
}

/** The ids of some records, in order of position. */
interface Ids {
  /** Those that are new here; they are numbered through, from 1. */
  readonly subjects: readonly Subject[];
  /** Of each record: its id, the ordinal of its lot, the number of its subject or `NOBODY`. */
  readonly ids: readonly (string | number)[];
}

/** In one frame: a millisecond or two of work. */
const LOTS = 256;
const IDS = 2_048;
const NOBODY = 0;

/** Made one by one; between two of them the house may go on. */
export function* framesOf(label: Label, state: FrozenState): Generator<Frame> {
  yield jsonFrame(KIND.label, label);
  for (const lots of inGroups(state.lots, LOTS)) yield jsonFrame(KIND.lots, lots);
  const subjects = new Numbering();
  for (const group of inGroups(state.seen, IDS)) {
    const ids = group.flatMap(([id, { lot, subject }]) => [id, state.numberOf(lot), subjects.of(subject)]);
    yield jsonFrame(KIND.ids, { subjects: subjects.takeNew(), ids } satisfies Ids);
  }
  for (const { level, hashes } of state.tree)
    yield { kind: KIND.tree, bytes: concatBytes(Uint8Array.of(level), hashes) };
}

/** Makes the state again, frame by frame. Whatever throws on the way says that these are not the frames of a state. */
export class StateFromFrames {
  readonly #form: string;
  #label: Label | undefined;
  readonly #lots: Lot[] = [];
  readonly #subjects: Subject[] = [];
  readonly #seen = new Map<string, Seen>();
  readonly #tree = new GrowingTree();

  /** `form` is the one that is understood here. */
  constructor(form: string) {
    this.#form = form;
  }

  take({ kind, bytes }: Frame): void {
    if (this.#label === undefined) this.#takeLabel(kind, bytes);
    else if (kind === KIND.lots) for (const lot of parse<Lot[]>(bytes)) this.#lots.push(withSharedBids(lot));
    else if (kind === KIND.ids) this.#takeIds(parse(bytes));
    else if (kind === KIND.tree) this.#tree.addPiece({ level: bytes[0] ?? 0, hashes: bytes.subarray(1) });
    else throw new SnapshotUnfit('it is of another form');
  }

  /** Throws `SnapshotUnfit` unless it was all of a state. */
  end(): { readonly house: HouseId; readonly state: HouseState } {
    const label = this.#label;
    const [tree, seen] = [this.#tree, this.#seen];
    if (label === undefined || tree.size !== label.position || seen.size !== label.position || !tree.isWhole)
      throw new SnapshotUnfit('it is not whole');
    return { house: label.house, state: HouseState.thaw(this.#lots, tree, seen) };
  }

  #takeLabel(kind: number, bytes: Uint8Array): void {
    const label = kind === KIND.label ? parse<Label>(bytes) : undefined;
    if (label?.form !== this.#form) throw new SnapshotUnfit('another version of the program wrote it');
    this.#label = label;
  }

  #takeIds({ subjects, ids }: Ids): void {
    this.#subjects.push(...subjects);
    for (let at = 0; at < ids.length; at += 3) {
      const lot = this.#lots[Number(ids[at + 1]) - 1];
      if (lot === undefined) throw new SnapshotUnfit('it names a lot that it has not');
      const subject = this.#subjects[Number(ids[at + 2]) - 1];
      this.#seen.set(String(ids[at]), { position: (this.#seen.size + 1) as Position, lot: lot.id, subject });
    }
  }
}

/** One bid is up to three things to its lot: the same one in memory, as it was before. */
function withSharedBids(lot: Lot): Lot {
  const { leading, told, closing } = lot;
  const shared = (bid: Bid) => (bid.position === leading?.position ? leading : bid);
  return {
    ...lot,
    told: { ...told, ...(told.leading && { leading: shared(told.leading) }) },
    ...(closing && { closing: { ...closing, ...(closing.winning && { winning: shared(closing.winning) }) } }),
  };
}

/** Numbers subjects as they come. */
class Numbering {
  readonly #numbers = new Map<Subject, number>();
  #fresh: Subject[] = [];

  of(subject: Subject | undefined): number {
    if (subject === undefined) return NOBODY;
    const known = this.#numbers.get(subject);
    if (known !== undefined) return known;
    this.#fresh.push(subject);
    this.#numbers.set(subject, this.#numbers.size + 1);
    return this.#numbers.size;
  }

  /** Those that came since the last time. */
  takeNew(): Subject[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }
}

function* inGroups<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let group: T[] = [];
  for (const item of items) {
    if (group.push(item) < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

function jsonFrame(kind: number, value: object): Frame {
  return { kind, bytes: utf8.encode(JSON.stringify(value)) };
}

function parse<T>(bytes: Uint8Array): T {
  return JSON.parse(utf8.decode(bytes));
}
