/** docs/BOTS.md, compared with the limits, the journal and the lines that there are. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Decision } from '../../client/bots/decision.ts';
import { LIMIT_NAMES } from '../../client/bots/limits.ts';
import { plain, readDocument } from './read-document.ts';

const bots = readDocument('BOTS.md');

describe('docs/BOTS.md', () => {
  it('has every limit, in the order in which they are looked at', () => {
    expect(bots.rows('## 1. Limits').map(([name]) => plain(name))).toEqual([...LIMIT_NAMES]);
  });

  it('has every line of the journal', () => {
    const types = Decision.options.map(({ shape }) => shape.type.value);
    expect(bots.rows('## 2. The journal').map(([type]) => plain(type))).toEqual(types);
  });

  it('has every type of line that a client says', () => {
    const source = readFileSync(join(import.meta.dirname, '../../client/line/fact.ts'), 'utf8');
    const facts = /export interface Facts \{([\s\S]*?)\n\}/.exec(source)?.[1] ?? '';
    const types = [...facts.matchAll(/^ {2}'?([a-z-]+)'?: /gm)].map(([, type]) => type);
    const told = bots.rows('## 4. A bot in any other language').flatMap(([cell = '']) => cell.split(', ').map(plain));
    expect(told.toSorted()).toEqual(types.toSorted());
  });
});
