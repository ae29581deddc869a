/** A file of a home on the machine's own disk: whose it is, what is left where it comes to nothing, and what waits for the disk. */
import fs from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { complaintOfPromise } from '../complaint.ts';

/** What was asked of the file system, in its order; what is waited for twice: when it began, and when it was done. */
const { calls } = vi.hoisted(() => ({ calls: [] as string[] }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    fsync: (file: number, done: fs.NoParamCallback) => {
      const what = real.fstatSync(file).isDirectory() ? 'folder' : 'file';
      calls.push(`${what} to disk`);
      real.fsync(file, (error) => {
        calls.push(`${what} on disk`);
        done(error);
      });
    },
    renameSync: (from: string, to: string) => {
      calls.push('name');
      real.renameSync(from, to);
    },
  };
});

const { keepPrivateFile, openPrivateDirectory, openPrivateLog, writePrivateFile } = await import(
  '../../../client/identity/private-files.ts'
);

let folder: string;
beforeEach(async () => {
  calls.length = 0;
  folder = await mkdtemp(join(tmpdir(), 'gavel-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

const path = () => join(folder, 'a.json');
const isGood = async () => {
  calls.push('proof');
};

describe('a file that is kept', () => {
  it('is on disk before it has a name, and its name before anybody is told', async () => {
    await keepPrivateFile(path(), 'text', isGood);
    expect(calls).toEqual(['file to disk', 'proof', 'file on disk', 'name', 'folder to disk', 'folder on disk']);
  });

  it('has no name before it is known to be good', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const keeping = keepPrivateFile(path(), 'text', () => promise);
    await vi.waitFor(() => expect(calls).toContain('file on disk'));
    expect(await readdir(folder)).not.toContain('a.json');
    resolve();
    await keeping;
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  it('is its owner’s alone, whatever the umask takes', async () => {
    const before = process.umask(0o777);
    try {
      await keepPrivateFile(path(), 'text', isGood);
    } finally {
      process.umask(before);
    }
    expect((await stat(path())).mode & 0o777).toBe(0o600);
  });

  it('leaves nothing at all where it is bad', async () => {
    await expect(keepPrivateFile(path(), 'text', () => Promise.reject(new Error('bad')))).rejects.toThrow('bad');
    expect(await readdir(folder)).toEqual([]);
    expect(calls).not.toContain('name');
  });

  it('leaves nothing where it can not get its name, and the path is told', async () => {
    // Something that no file can replace.
    fs.mkdirSync(path());
    expect(await complaintOfPromise(keepPrivateFile(path(), 'text', isGood))).toBe('home-unreadable');
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  it('can not be where there is no folder; what is wrong with it is told all the same', async () => {
    const nowhere = join(folder, 'nowhere', 'a.json');
    expect(await complaintOfPromise(keepPrivateFile(nowhere, 'text', isGood))).toBe('home-unreadable');
    await expect(keepPrivateFile(nowhere, 'text', () => Promise.reject(new Error('bad')))).rejects.toThrow('bad');
  });
});

describe('writes to one file', () => {
  it('wait for each other: the last one stays', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = keepPrivateFile(path(), 'first', () => promise);
    const last = writePrivateFile(path(), 'last');
    await vi.waitFor(() => expect(calls).toContain('file on disk'));
    resolve();
    await Promise.all([first, last]);
    expect(fs.readFileSync(path(), 'utf8')).toBe('last');
    expect(calls.filter((call) => call === 'name')).toHaveLength(2);
  });

  it('are tried after one that failed', async () => {
    const bad = keepPrivateFile(path(), 'bad', () => Promise.reject(new Error('bad')));
    const good = writePrivateFile(path(), 'good');
    await expect(bad).rejects.toThrow('bad');
    await good;
    expect(fs.readFileSync(path(), 'utf8')).toBe('good');
  });
});

describe('a name', () => {
  const SYNCED = ['folder to disk', 'folder on disk'];

  it('of a file that was written is on disk', async () => {
    await writePrivateFile(path(), 'text');
    expect(calls).toEqual(['file to disk', 'file on disk', 'name', ...SYNCED]);
  });

  it('of a file that grows is on disk before anything is in it', async () => {
    await (await openPrivateLog(path())).close();
    expect(calls).toEqual(SYNCED);
  });

  it('of a folder that was made is on disk, and so are those above it', async () => {
    await openPrivateDirectory(join(folder, 'a', 'b'));
    expect(calls).toEqual([...SYNCED, ...SYNCED]);
  });

  it('of a folder that was there is not looked at again', async () => {
    await openPrivateDirectory(folder);
    expect(calls).toEqual([]);
  });
});
