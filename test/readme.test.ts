/** The README keeps its word: its links lead somewhere, and its commands are those that there are. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const project = join(import.meta.dirname, '..');
const documents = ['README.md', ...readdirSync(join(project, 'docs')).map((name) => join('docs', name))];
const read = (path: string) => readFileSync(join(project, path), 'utf8');

describe.each(documents)('%s', (document) => {
  const links = [...read(document).matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, target]) => target!);

  it('links to files that exist', () => {
    const local = links.filter((target) => !/^https?:/.test(target));
    if (document === 'README.md') expect(local.length).toBeGreaterThan(10);
    expect(local.filter((target) => !existsSync(join(project, dirname(document), target)))).toEqual([]);
  });
});

describe('README.md', () => {
  const scripts = JSON.parse(read('package.json')).scripts as Record<string, string>;
  const block = [...read('README.md').matchAll(/^npm (?:run (?:-s )?)?([a-z]+)/gm)].map(([, name]) => name!);

  it('names npm scripts that exist', () => {
    expect(new Set(block)).toEqual(new Set(['start', 'test', 'gavel']));
    expect(block.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it('names every word of the command line', () => {
    const words = [...read('gavel.ts').matchAll(/await program\('([a-z-]+)'/g)].map(([, word]) => word!);
    expect(words).toContain('trusted-service');
    expect(words.length).toBeGreaterThan(5);
    const told = read('README.md');
    expect(words.filter((word) => !told.includes(`gavel -- ${word}`) && !told.includes(`npm ${word}`))).toEqual([]);
  });
});
