/** House rules that no linter knows, and the least versions of what is dangerous when it is old. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const project = join(import.meta.dirname, '..');
const git = (...args: string[]) => execFileSync('git', ['-C', project, ...args], { encoding: 'utf8' });
const files = git('ls-files', '--cached', '--others', '--exclude-standard').split('\n').filter(Boolean);
const sources = files.filter((file) => /\.(ts|mjs)$/.test(file));
const read = (file: string) => readFileSync(join(project, file), 'utf8');

const THIS = 'test/tidy.test.ts';
const MAX_LINES = 250;
/** Only these hand the process, ports and signals to what they start. */
const RIM =
  /^(gavel\.ts|setup\.mjs|(dms|trusted-service)\/(main|log|service-log)\.ts|dms\/journal\/sqlite-worker\.ts|bench\/(main|answer-questions|fan-out\/bare-server|pipeline\/(participant|yardstick-server)|timestamps\/yardstick|recovery\/open-house)\.ts)$/;
const product = sources.filter((file) => /^(shared|dms|trusted-service|client|start|bench)[/.]|^gavel\.ts$/.test(file));

describe('the sources', () => {
  it('are there', () => {
    expect(product.length).toBeGreaterThan(100);
  });

  it.each(sources)('%s is short and finished', (file) => {
    const text = read(file);
    // A table of cases may be as long as there are cases.
    if (!file.endsWith('.test.ts')) expect(text.split('\n').length).toBeLessThanOrEqual(MAX_LINES + 1);
    expect(text).not.toMatch(/catch\s*(\([^)]*\))?\s*\{\s*\}/);
    if (file !== THIS) expect(text).not.toMatch(/\b(TODO|FIXME|XXX)\b|\.(only|todo)\(/);
  });

  it.each(product)('%s begins by saying what it is for', (file) => {
    expect(read(file).replace(/^#!.*\n/, '')).toMatch(/^\/\*\*/);
  });

  it('name no folder called after nothing', () => {
    expect(files.filter((file) => /(^|\/)(utils?|helpers?|common|index\.ts)(\/|$)/.test(file))).toEqual([]);
  });

  it.each(product)('%s leaves the process to the rim', (file) => {
    if (!RIM.test(file)) expect(read(file)).not.toMatch(/\bprocess\.(exit|on|once|argv|env|std)/);
  });

  it('hold no path of a machine and no address of a registry', () => {
    const texts = files.filter((file) => !file.startsWith('test/vectors/')).map((file) => [file, read(file)] as const);
    const here = [`${project}/`, `${homedir()}/`];
    const telling = texts.filter(([, text]) => /"resolved":/.test(text) || here.some((path) => text.includes(path)));
    expect(telling.map(([file]) => file)).toEqual([THIS]);
  });
});

describe('the dependencies', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, { version?: string }> };
  const versionsOf = (name: string) =>
    Object.entries(packages).flatMap(([path, { version }]) =>
      path.endsWith(`node_modules/${name}`) && version !== undefined ? [version] : [],
    );

  it.each([
    ['socket.io-parser', '4.2.7'],
    ['engine.io', '6.6.9'],
    ['ws', '8.21.0'],
    ['qs', '6.16.0'],
    ['node', '24.17.0'],
  ])('%s is at least %s', (name, floor) => {
    const versions = versionsOf(name);
    expect(versions.length).toBeGreaterThan(0);
    for (const version of versions)
      expect(version.localeCompare(floor, 'en', { numeric: true })).toBeGreaterThanOrEqual(0);
  });

  it.each(['elliptic', 'node-forge'])('have no %s', (name) => {
    expect(versionsOf(name)).toEqual([]);
  });

  // swagger-ui-dist brings a reporter along, which would call home from every installation.
  it('tell nobody who has installed them', () => {
    const settings = createRequire(import.meta.url)('../package.json').scarfSettings;
    expect(settings).toEqual({ enabled: false });
    expect(versionsOf('@scarf/scarf')).toHaveLength(1);
  });
});
