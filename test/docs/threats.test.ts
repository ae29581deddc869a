/** docs/THREATS.md names tests: each of them exists, and no attack that is tested is left out. */
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readDocument } from './read-document.ts';

const tests = new URL('../', import.meta.url);
const { text, rows } = readDocument('THREATS.md');
const named = [...new Set(Array.from(text.matchAll(/`([\w/.-]+\.test\.ts)`/g), ([, path = '']) => path))];
/** The document speaks of this file by its whole path. */
const paths = named.map((path) => path.replace(/^test\//, ''));

describe('docs/THREATS.md', () => {
  it('names tests that exist', () => {
    expect(paths.length).toBeGreaterThan(30);
    expect(paths.filter((path) => !existsSync(new URL(path, tests)))).toEqual([]);
  });

  it('names every test of an attack', () => {
    const attacks = readdirSync(new URL('attack/', tests)).filter((file) => file.endsWith('.test.ts'));
    expect(attacks.map((file) => `attack/${file}`).filter((path) => !paths.includes(path))).toEqual([]);
  });

  it('has a test for each attack', () => {
    const without = rows('## 2. Attacks').filter(([, , shownBy = '']) => !/`[\w/.-]+\.test\.ts`/.test(shownBy));
    expect(without).toEqual([]);
  });
});
