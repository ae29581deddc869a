/** JSON that is nearly what it should be. It is changed as a tree of texts, so that members can be there twice, and numbers be huge. */
import type { Choice } from './choice.ts';
import { CANARY, mutateText } from './mutate-text.ts';

type Node =
  | { kind: 'object'; members: [name: string, value: Node][] }
  | { kind: 'array'; items: Node[] }
  /** As it stands in the text. */
  | { kind: 'scalar'; text: string };

const NUMBERS = [
  ...['0', '-0', '-1', '1', '0.5', '1.0', '1e0', '1e21', '1e999', '-1e999', '1e-999', '65535', '65536', '4294967296'],
  ...[
    '9007199254740991',
    '9007199254740993',
    '253402300799999',
    '253402300800000',
    '1000000000001',
    '1795000000000',
    '1795000000',
    '1794999100',
  ],
];
const TEXTS = [
  ...[
    '',
    ' ',
    'a',
    CANARY,
    '__proto__',
    'constructor',
    '\ud800',
    'e\u0301',
    '\u202e',
    '\u0000',
    '٣',
    '=',
    '-',
    '-----BEGIN',
  ],
  ...[
    'A'.repeat(43),
    `${'A'.repeat(42)}B`,
    'a'.repeat(9_000),
    '5f0c4a52-0c1f-4f0e-9b1a-3a6a5c0d8e21',
    'bid',
    'list',
    'sold',
  ],
];
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  CANARY,
  '',
  'v',
  'id',
  'kid',
  'type',
  'kind',
  'x5u',
  'crit',
];
const WORDS = ['null', 'true', 'false', '[]', '{}', '[[]]', `{"__proto__":{"${CANARY}":true}}`, `["${CANARY}"]`];

const MAX_DEPTH = 32;

/** One change of a JSON text; of a text that is no JSON, one of its characters. */
export function mutateJson(text: string, choice: Choice, other: string): string {
  const tree = parseTree(text);
  if (tree === undefined || choice.oneIn(10)) return mutateText(text, choice, other);
  const places = placesOf(tree);
  if (places.length === 0) return mutateText(text, choice, other);
  choice.of(CHANGES)(choice.of(places), choice, parseTree(other) ?? tree);
  return print(tree);
}

/** One member or item, with what holds it. */
interface Place {
  readonly list: Node[] | [string, Node][];
  readonly at: number;
}

type Change = (place: Place, choice: Choice, other: Node) => void;

const CHANGES: readonly Change[] = [
  ({ list, at }) => void list.splice(at, 1),
  // Twice: in an object under one name.
  ({ list, at }) => void (list as Node[]).splice(at, 0, copyOf(list[at]!) as Node),
  (place, choice) => setValue(place, scalar(choice.of(NUMBERS))),
  (place, choice) => setValue(place, scalar(choice.of(NUMBERS))),
  (place, choice) => setValue(place, scalar(JSON.stringify(choice.of(TEXTS)))),
  (place, choice) => setValue(place, scalar(choice.of(WORDS))),
  (place, choice) => {
    const value = nodeAt(place);
    if (value.kind === 'scalar') setValue(place, mutateScalar(value.text, choice));
    else setValue(place, scalar(choice.of(WORDS)));
  },
  (place, choice) => {
    const value = nodeAt(place);
    if (value.kind === 'scalar') setValue(place, mutateScalar(value.text, choice));
    else if (value.kind === 'array') value.items.push(...value.items);
    else value.members.reverse();
  },
  ({ list, at }, choice) => {
    const to = choice.below(list.length);
    [list[at], list[to]] = [list[to] as never, list[at] as never];
  },
  ({ list, at }, choice) => {
    const member = list[at];
    if (Array.isArray(member)) member[0] = choice.oneIn(2) ? choice.of(NAMES) : mutateText(member[0], choice, '');
  },
  ({ list }, choice) => {
    const [first] = list;
    const added = scalar(choice.of([...WORDS, ...NUMBERS]));
    if (Array.isArray(first)) (list as [string, Node][]).push([choice.of(NAMES), added]);
    else (list as Node[]).push(added);
  },
  // What stands elsewhere in this message, or in another.
  (place, choice, other) => {
    const places = placesOf(other);
    if (places.length > 0) setValue(place, copyOf(nodeAt(choice.of(places))) as Node);
  },
  (place, choice) => {
    const depth = choice.of([1, 2, 40, 500]);
    setValue(place, scalar('['.repeat(depth) + print(nodeAt(place)) + ']'.repeat(depth)));
  },
  (place, choice) => setValue(place, scalar(`[${Array.from({ length: choice.of([3, 17, 700]) }, () => '1').join()}]`)),
  // Blanks, which mean nothing.
  (place, choice) => setValue(place, scalar(choice.of([' ', '\n', '\t', '\r']) + print(nodeAt(place)))),
  // The same characters, written otherwise.
  (place) => {
    const value = nodeAt(place);
    if (value.kind === 'scalar' && value.text.startsWith('"')) setValue(place, scalar(escaped(value.text)));
  },
];

function mutateScalar(text: string, choice: Choice): Node {
  if (text.startsWith('"')) return scalar(JSON.stringify(mutateText(JSON.parse(text), choice, text)));
  const value = Number(text);
  return scalar(
    choice.of([`${value + 1}`, `${value - 1}`, `${-value}`, `${text}.0`, `${text}e0`, `"${text}"`, `${text}0`]),
  );
}

function escaped(text: string): string {
  const [first = ''] = JSON.parse(text) as string;
  return first === ''
    ? text
    : `"\\u${first.charCodeAt(0).toString(16).padStart(4, '0')}${text.slice(JSON.stringify(first).length - 1)}`;
}

function copyOf(node: Node | [string, Node]): Node | [string, Node] {
  if (Array.isArray(node)) return [node[0], copyOf(node[1]) as Node];
  if (node.kind === 'scalar') return { ...node };
  if (node.kind === 'array') return { kind: 'array', items: node.items.map((item) => copyOf(item) as Node) };
  return { kind: 'object', members: node.members.map((member) => copyOf(member) as [string, Node]) };
}

const scalar = (text: string): Node => ({ kind: 'scalar', text });

function nodeAt({ list, at }: Place): Node {
  const found = list[at]!;
  return Array.isArray(found) ? found[1] : found;
}

function setValue({ list, at }: Place, value: Node): void {
  const found = list[at];
  if (Array.isArray(found)) found[1] = value;
  else list[at] = value;
}

function placesOf(root: Node): Place[] {
  if (root.kind === 'scalar') return [];
  const list = root.kind === 'array' ? root.items : root.members;
  const inner = root.kind === 'array' ? root.items : root.members.map(([, value]) => value);
  return [...inner.map((_, at) => ({ list, at })), ...inner.flatMap(placesOf)];
}

function parseTree(text: string): Node | undefined {
  try {
    return treeOf(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What is deeper than anything of ours stays one piece. */
function treeOf(value: unknown, depth = 0): Node {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return scalar(JSON.stringify(value));
  if (Array.isArray(value)) return { kind: 'array', items: value.map((item) => treeOf(item, depth + 1)) };
  return { kind: 'object', members: Object.entries(value).map(([name, member]) => [name, treeOf(member, depth + 1)]) };
}

function print(node: Node): string {
  if (node.kind === 'scalar') return node.text;
  if (node.kind === 'array') return `[${node.items.map(print).join()}]`;
  return `{${node.members.map(([name, value]) => `${JSON.stringify(name)}:${print(value)}`).join()}}`;
}
