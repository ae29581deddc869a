/** The two forms of a signature: each number in DER is as short as can be, and comes back as it was. */
import { describe, expect, it } from 'vitest';
import { toDer, toRaw } from '../../../shared/platform/node/signature-form.ts';

const half = (...last: number[]) => [...Array.from({ length: 32 - last.length }, () => 0), ...last];
const full = (first: number) => [first, ...Array.from({ length: 31 }, () => 7)];

describe('a signature in DER', () => {
  it.each([
    ['two numbers of 32 bytes', full(0x7f), full(1), [0x30, 68, 2, 32, ...full(0x7f), 2, 32, ...full(1)]],
    ['a number that would be negative', full(0x80), half(1), [0x30, 38, 2, 33, 0, ...full(0x80), 2, 1, 1]],
    ['small numbers', half(0x80), half(0x7f, 0), [0x30, 8, 2, 2, 0, 0x80, 2, 2, 0x7f, 0]],
    ['zero', half(), half(), [0x30, 6, 2, 1, 0, 2, 1, 0]],
  ])('of %s', (_, r, s, der) => {
    const raw = Uint8Array.from([...r, ...s]);
    expect([...toDer(raw)]).toEqual(der);
    expect([...toRaw(toDer(raw))]).toEqual([...raw]);
  });
});
