/** A server's own folder: what is on disk when a call returns. */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

/** The folders whose names were brought to disk, each with the names that it had then. */
const { synced } = vi.hoisted(() => ({ synced: [] as [folder: string, names: string[]][] }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const opened = new Map<number, string>();
  const openSync = (path: string, flags: string) => {
    const file = real.openSync(path, flags);
    opened.set(file, path);
    return file;
  };
  const fsyncSync = (file: number) => {
    const path = opened.get(file) ?? '';
    synced.push([path, real.readdirSync(path)]);
    real.fsyncSync(file);
  };
  return { ...real, openSync, fsyncSync };
});

const { PrivateFolder } = await import('../../shared/private-folder.ts');

let home: string;
beforeEach(() => {
  home = fs.mkdtempSync(join(tmpdir(), 'gavel-folder-'));
  synced.length = 0;
});
afterEach(() => fs.rmSync(home, { recursive: true }));

describe('a folder of a server', () => {
  it('is there after a crash, and so are those above it', () => {
    PrivateFolder.load(join(home, 'a', 'b'));
    expect(synced).toEqual([
      [join(home, 'a'), ['b']],
      [home, ['a']],
    ]);
  });

  it('that was there already is not synced', () => {
    PrivateFolder.load(home);
    expect(synced).toEqual([]);
  });

  it.each(['writeSecret', 'writePublic'] as const)('keeps the name of a file: %s', (write) => {
    const folder = PrivateFolder.load(home);
    folder[write]('file', 'text');
    expect(synced).toEqual([[home, ['file']]]);
    expect(fs.readFileSync(join(home, 'file'), 'utf8')).toBe('text');
  });

  it('keeps it that a file is gone', () => {
    const folder = PrivateFolder.load(home);
    folder.writeSecret('file', 'text');
    folder.remove('file');
    expect(synced.at(-1)).toEqual([home, []]);
  });
});
