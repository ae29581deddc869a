import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Line, linesOf, MAX_LINE_BYTES } from '../../../client/line/lines-of.ts';

async function* chunks(...parts: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* parts;
}

async function linesIn(...parts: (string | Uint8Array)[]): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const line of linesOf(chunks(...parts))) lines.push(line);
  return lines;
}

describe('lines', () => {
  it.each([
    [['/bid 1 2\n/quit\n'], ['/bid 1 2', '/quit']],
    [
      ['/bi', 'd 1', ' 2\n/q', 'uit'],
      ['/bid 1 2', '/quit'],
    ],
    [['a\r\nb\r\n\r\n'], ['a', 'b', '']],
    [['', '\n', ''], ['']],
    [[''], []],
  ])('%j', async (parts, lines) => {
    expect(await linesIn(...parts)).toEqual(lines);
  });

  it('do not depend on where the bytes were cut', async () => {
    const text = '/list "Küche 冷蔵庫 🪑" 1 +1m\n/quit\n';
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(text.length * 3)), async (cuts) => {
        const bytes = Buffer.from(text);
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const parts = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(await linesIn(...parts)).toEqual(['/list "Küche 冷蔵庫 🪑" 1 +1m', '/quit']);
      }),
    );
  });

  it('that are too long are skipped whole, and the next one is read', async () => {
    const long = 'x'.repeat(1_048_576);
    expect(await linesIn(`${long}`, `${long}\n/quit\n`, long)).toEqual([undefined, '/quit', undefined]);
    expect(await linesIn(`${'x'.repeat(MAX_LINE_BYTES)}\n`)).toEqual(['x'.repeat(MAX_LINE_BYTES)]);
  });
});
