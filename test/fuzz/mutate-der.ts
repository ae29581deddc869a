/** DER that is nearly what it should be: changed as a tree, and written again with lengths that fit, or that do not. */
import { concatBytes, equalBytes } from '../../shared/bytes.ts';
import type { Choice } from './choice.ts';
import { mutateBytes } from './mutate-bytes.ts';

interface Node {
  tag: number;
  /** Stands before the children: of a BIT STRING its count of unused bits. */
  prefix: Uint8Array;
  content: Uint8Array | Node[];
  /** How the length is written where it is not as it should be. */
  length?: (actual: number) => readonly number[];
}

const TAGS = [
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x17, 0x18, 0x1f, 0x24, 0x30, 0x31, 0x80, 0xa0, 0xa3, 0xff,
];
/** The order of P-256: of a signature (r, s) the other one is (r, n − s). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** One change of a DER value; of bytes that are none, one of its bytes. */
export function mutateDer(bytes: Uint8Array, choice: Choice, other: Uint8Array): Uint8Array {
  const tree = treeOf(bytes);
  if (tree === undefined || choice.oneIn(8)) return mutateBytes(bytes, choice, other);
  const places = placesOf([tree]);
  choice.of(CHANGES)(choice.of(places), choice, other);
  return printAll(places[0]!.list);
}

interface Place {
  readonly list: Node[];
  readonly at: number;
}

type Change = (place: Place, choice: Choice, other: Uint8Array) => void;

const LENGTHS: readonly ((actual: number) => readonly number[])[] = [
  (actual) => [0x81, actual & 0xff],
  (actual) => [0x82, (actual >> 8) & 0xff, actual & 0xff],
  (actual) => [0x84, 0, 0, (actual >> 8) & 0xff, actual & 0xff],
  () => [0x80],
  () => [0x84, 0xff, 0xff, 0xff, 0xff],
  () => [0x88, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  () => [0xff],
  (actual) => lengthOf(actual + 1),
  (actual) => lengthOf(Math.max(0, actual - 1)),
];

const CHANGES: readonly Change[] = [
  ({ list, at }) => void list.splice(at, 1),
  ({ list, at }) => void list.splice(at, 0, copyOf(list[at]!)),
  ({ list, at }, choice) => {
    const to = choice.below(list.length);
    [list[at], list[to]] = [list[to]!, list[at]!];
  },
  ({ list }) => void list.reverse(),
  ({ list, at }, choice) => set(list[at]!, { tag: choice.of(TAGS) }),
  ({ list, at }, choice) => set(list[at]!, { tag: list[at]!.tag ^ (1 << choice.below(8)) }),
  ({ list, at }, choice) => set(list[at]!, { length: choice.of(LENGTHS) }),
  ({ list, at }, choice, other) => setContent(list[at]!, mutateBytes(contentOf(list[at]!), choice, other)),
  ({ list, at }, choice, other) => setContent(list[at]!, mutateBytes(contentOf(list[at]!), choice, other)),
  // What stands elsewhere in this value, or in another.
  ({ list, at }, choice, other) => {
    const tree = treeOf(other);
    if (tree === undefined) return;
    const from = choice.of(placesOf([tree]));
    list[at] = copyOf(from.list[from.at]!);
  },
  ({ list, at }, choice) => {
    const depth = choice.of([1, 2, 11, 12, 13, 200]);
    for (let wrapped = 0; wrapped < depth; wrapped++) list[at] = node(choice.of([0x30, 0x31, 0xa0]), [list[at]!]);
  },
  ({ list, at }, choice) => list.splice(at, 0, node(choice.of(TAGS), choice.bytes(choice.below(4)))),
  ({ list, at }) => setContent(list[at]!, new Uint8Array()),
  ({ list, at }, choice) =>
    setContent(list[at]!, concatBytes(Uint8Array.of(choice.of([0x00, 0x80, 0xff])), contentOf(list[at]!))),
  ({ list, at }, choice) =>
    setContent(list[at]!, new Uint8Array(choice.of([21, 130, 300, 70_000])).fill(choice.of([0x01, 0x7f, 0x80]))),
  // The other form of a time.
  ({ list, at }, choice) => {
    const found = list[at]!;
    const text = Buffer.from(contentOf(found)).toString('latin1');
    if (!/^\d{12,14}(\.\d+)?Z$/.test(text)) return;
    found.tag = choice.of([0x17, 0x18]);
    setContent(
      found,
      Buffer.from(
        choice.of([
          `20${text}`,
          text.slice(2),
          `${text.slice(0, -1)}.0Z`,
          `${text.slice(0, -1)}+0000`,
          text.replace(/\d\dZ$/, '60Z'),
          text.replace(/^\d{6}/, '250230'),
        ]),
      ),
    );
  },
  // The twin of a signature; and both at once with the same.
  ({ list, at }) => otherHalf(list[at]!),
  ({ list }) => otherHalf(list.at(-1)!),
];

/** A signed structure with the other of its two signatures, which verifies as well. */
export function twinOf(signed: Uint8Array): Uint8Array {
  const tree = treeOf(signed)!;
  otherHalf(tree);
  return printAll([tree]);
}

/** The same with another part in place of each that has these bytes, or with none, and with lengths that fit. */
export function replacePart(bytes: Uint8Array, part: Uint8Array, by?: Uint8Array): Uint8Array {
  const replaced = (found: Node): Node[] => {
    if (equalBytes(printAll([found]), part)) return by === undefined ? [] : [treeOf(by)!];
    return [found.content instanceof Uint8Array ? found : { ...found, content: found.content.flatMap(replaced) }];
  };
  return printAll(replaced(treeOf(bytes)!));
}

/** (r, s) to (r, n − s), of the last integer of a pair in it, however deep. */
function otherHalf(found: Node): void {
  if (found.content instanceof Uint8Array) {
    if (found.tag !== 0x02 || found.content.length < 30 || found.content.length > 33) return;
    const twin = ORDER - BigInt(`0x${Buffer.from(found.content).toString('hex')}`);
    if (twin <= 0n) return;
    const bytes = Buffer.from(twin.toString(16).padStart(64, '0'), 'hex');
    const start = bytes.findIndex((byte) => byte !== 0);
    setContent(found, concatBytes(Uint8Array.of(...((bytes[start] ?? 0) >= 0x80 ? [0] : [])), bytes.subarray(start)));
  } else if (found.content.length > 0) otherHalf(found.content.at(-1)!);
}

function node(tag: number, content: Uint8Array | Node[]): Node {
  return { tag, prefix: new Uint8Array(), content };
}

function copyOf(found: Node): Node {
  return { ...found, content: found.content instanceof Uint8Array ? found.content : found.content.map(copyOf) };
}

function contentOf(found: Node): Uint8Array {
  return found.content instanceof Uint8Array ? found.content : printAll(found.content);
}

function setContent(found: Node, content: Uint8Array): void {
  set(found, { content });
}

function set(found: Node, changes: Partial<Node>): void {
  Object.assign(found, changes);
}

function placesOf(list: Node[], places: Place[] = []): Place[] {
  for (const [at, { content }] of list.entries()) {
    places.push({ list, at });
    if (!(content instanceof Uint8Array)) placesOf(content, places);
  }
  return places;
}

function treeOf(bytes: Uint8Array): Node | undefined {
  const nodes = nodesOf(bytes);
  return nodes?.length === 1 ? nodes[0] : undefined;
}

/** The values that fill these bytes; `undefined` where none do. It knows only what is right: mutations start there. */
function nodesOf(bytes: Uint8Array): Node[] | undefined {
  const nodes: Node[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [tag = 0, first = 0] = bytes.subarray(at, at + 2);
    const count = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + count;
    const length =
      count === 0 ? first : Number.parseInt(Buffer.from(bytes.subarray(at + 2, start)).toString('hex'), 16);
    if (!(count <= 3 && start + length <= bytes.length)) return undefined;
    nodes.push(nodeOf(tag, bytes.subarray(start, start + length)));
    at = start + length;
  }
  return nodes;
}

function nodeOf(tag: number, content: Uint8Array): Node {
  // An OCTET STRING or a BIT STRING may hold DER.
  const skipped = tag === 0x03 ? 1 : 0;
  const mayHold =
    (tag & 0x20) !== 0 || ((tag === 0x04 || tag === 0x03) && [0x30, 0x04, 0x03].includes(content[skipped] ?? 0));
  const children = mayHold ? nodesOf(content.subarray(skipped)) : undefined;
  return {
    tag,
    prefix: children === undefined ? new Uint8Array() : content.subarray(0, skipped),
    content: children ?? content,
  };
}

/** Longer than all that is ever written. */
const PAPER = new Uint8Array(2 ** 20);

function printAll(nodes: readonly Node[]): Uint8Array {
  return PAPER.slice(nodes.reduceRight((end, found) => writeBefore(end, found), PAPER.length));
}

/** From its end to its beginning, as a length is known only when what follows it is written. Where it begins. */
function writeBefore(end: number, { tag, prefix, content, length = lengthOf }: Node): number {
  const start =
    content instanceof Uint8Array
      ? put(end, content)
      : content.reduceRight((next, child) => writeBefore(next, child), end);
  const inner = put(start, prefix);
  return put(put(inner, length(end - inner)), [tag]);
}

function put(end: number, bytes: ArrayLike<number>): number {
  PAPER.set(bytes, end - bytes.length);
  return end - bytes.length;
}

function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length];
  if (length < 0x100) return [0x81, length];
  return length < 0x10000
    ? [0x82, length >> 8, length & 0xff]
    : [0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
}
