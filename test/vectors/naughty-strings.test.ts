import { describe, expect, it } from 'vitest';
import { Description, Title } from '../../shared/wire/vocabulary.ts';
import { loadVectors } from './run-suite.ts';

const strings = await loadVectors<readonly string[]>('naughty-strings/blns.json');

/** Each as it is, repaired as far as a helpful client might, and in the middle of a harmless text. */
const attempts = strings.flatMap((text) => {
  const repaired = text.normalize('NFC').trim();
  return [text, repaired, `a${repaired}b`];
});

/**
 * The characters that steer a terminal, turn or hide text, by number: written down apart from the expression that the
 * schemas use, so that a slip in one is seen by the other.
 */
const STEERING: readonly (readonly [number, number])[] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x600, 0x605],
  [0x61c, 0x61c],
  [0x6dd, 0x6dd],
  [0x70f, 0x70f],
  [0x180e, 0x180e],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0xd800, 0xf8ff],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xfffe, 0xffff],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0001, 0xe007f],
  [0xf0000, 0x10ffff],
];

function steers(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return STEERING.some(([from, to]) => from <= code && code <= to);
}

describe.each([
  { name: 'title', schema: Title, allowed: '' },
  { name: 'description', schema: Description, allowed: '\n' },
])('naughty strings as a $name', ({ schema, allowed }) => {
  const accepted = attempts.filter((text) => schema.safeParse(text).success);

  it('lets none pass that steers a terminal, turns or hides text', () => {
    const steering = accepted.filter((text) => [...text].some((it) => steers(it) && !allowed.includes(it)));
    expect(steering.map((text) => JSON.stringify(text))).toEqual([]);
  });

  it('lets none pass that has a second form', () => {
    expect(accepted.filter((text) => text.normalize('NFC') !== text)).toEqual([]);
  });

  it('has seen both kinds', () => {
    expect(strings.length).toBeGreaterThan(500);
    expect(accepted.length).toBeGreaterThan(500);
    expect(attempts.filter((text) => [...text].some(steers)).length).toBeGreaterThan(20);
  });

  it('refuses each steering character alone, in front and behind', () => {
    for (const [from, to] of STEERING) {
      for (const code of [from, to]) {
        const character = String.fromCodePoint(code);
        if (allowed.includes(character)) continue;
        expect(schema.safeParse(`desk${character}`).success, code.toString(16)).toBe(false);
        expect(schema.safeParse(`de${character}sk`).success, code.toString(16)).toBe(false);
      }
    }
  });
});
