/** Bytes that are nearly what they should be. */
import { concatBytes } from '../../shared/bytes.ts';
import type { Choice } from './choice.ts';

type Change = (bytes: Uint8Array, choice: Choice, other: Uint8Array) => Uint8Array;

/** What parsers stumble over: signs, ends, lengths, the first and last of a kind. */
const TELLING = [0x00, 0x01, 0x02, 0x1f, 0x22, 0x2c, 0x30, 0x31, 0x3a, 0x5c, 0x7b, 0x7f, 0x80, 0x81, 0x84, 0xa0, 0xff];

function span(bytes: Uint8Array, choice: Choice): [from: number, to: number] {
  const from = choice.below(bytes.length + 1);
  return [from, Math.min(bytes.length, from + 1 + choice.below(choice.oneIn(3) ? bytes.length + 1 : 8))];
}

function changed(bytes: Uint8Array, at: number, value: (old: number) => number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  if (at < copy.length) copy[at] = value(copy[at]!);
  return copy;
}

function inserted(bytes: Uint8Array, choice: Choice, more: Uint8Array): Uint8Array {
  const at = choice.below(bytes.length + 1);
  return concatBytes(bytes.subarray(0, at), more, bytes.subarray(at));
}

const CHANGES: readonly Change[] = [
  (bytes, choice) => changed(bytes, choice.below(bytes.length), (old) => old ^ (1 << choice.below(8))),
  (bytes, choice) => changed(bytes, choice.below(bytes.length), () => choice.of(TELLING)),
  (bytes, choice) => changed(bytes, choice.below(bytes.length), (old) => old + choice.of([1, -1, 16, -16])),
  (bytes, choice) => inserted(bytes, choice, choice.bytes(1 + choice.below(4))),
  (bytes, choice) => inserted(bytes, choice, Uint8Array.of(choice.of(TELLING))),
  (bytes, choice) => {
    const [from, to] = span(bytes, choice);
    return concatBytes(bytes.subarray(0, from), bytes.subarray(to));
  },
  (bytes, choice) => {
    const [from, to] = span(bytes, choice);
    return concatBytes(bytes.subarray(0, to), bytes.subarray(from));
  },
  (bytes, choice) => bytes.subarray(0, choice.below(bytes.length + 1)),
  (bytes, choice) => bytes.subarray(choice.below(bytes.length + 1)),
  (bytes, choice) => {
    const [from, to] = span(bytes, choice);
    return Uint8Array.from(bytes).fill(choice.of(TELLING), from, to);
  },
  // The first half of one, the second of another.
  (bytes, choice, other) =>
    concatBytes(bytes.subarray(0, choice.below(bytes.length + 1)), other.subarray(choice.below(other.length + 1))),
  (bytes, choice) => concatBytes(bytes, choice.bytes(1 + choice.below(3))),
  // Far too much of something.
  (bytes, choice) =>
    choice.oneIn(16) ? inserted(bytes, choice, new Uint8Array(20_000).fill(choice.of(TELLING))) : bytes,
];

/** One change. `other` is another valid input, of which a part may come in. */
export function mutateBytes(bytes: Uint8Array, choice: Choice, other: Uint8Array): Uint8Array {
  return choice.of(CHANGES)(bytes, choice, other);
}
