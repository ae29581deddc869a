/** The two places where a home can lie without a file system: an origin's own storage, and memory. They keep what a folder keeps. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as nodeFiles from '../../../client/identity/private-files.ts';
import * as webFiles from '../../../client/identity/web-files.ts';
import { complaintOfPromise } from '../complaint.ts';

interface Create {
  readonly create?: boolean;
}
interface OriginFile {
  bytes: Uint8Array;
}

/** The storage of one origin (File System Standard), as far as it is used. */
class OriginDirectory {
  readonly #entries = new Map<string, OriginDirectory | OriginFile>();
  static isFull = false;

  async getDirectoryHandle(name: string, { create = false }: Create = {}): Promise<OriginDirectory> {
    const entry = this.#entries.get(name) ?? (create ? new OriginDirectory() : undefined);
    if (entry === undefined) throw new DOMException('no such entry', 'NotFoundError');
    if (!(entry instanceof OriginDirectory)) throw new DOMException('it is a file', 'TypeMismatchError');
    this.#entries.set(name, entry);
    return entry;
  }

  async getFileHandle(name: string, { create = false }: Create = {}) {
    const entry: OriginDirectory | OriginFile | undefined =
      this.#entries.get(name) ?? (create ? { bytes: new Uint8Array() } : undefined);
    if (entry === undefined) throw new DOMException('no such entry', 'NotFoundError');
    if (entry instanceof OriginDirectory) throw new DOMException('it is a directory', 'TypeMismatchError');
    this.#entries.set(name, entry);
    return handleOf(entry);
  }

  async *keys() {
    yield* this.#entries.keys();
  }
}

function handleOf(file: OriginFile) {
  return {
    getFile: async () => new Blob([new Uint8Array(file.bytes)]),
    createWritable: async () => {
      const parts: Uint8Array[] = [];
      return {
        write: async (bytes: Uint8Array) => {
          if (OriginDirectory.isFull) throw new DOMException('no room', 'QuotaExceededError');
          // The shorter, the later: writes that did not wait for each other would end in another order.
          for (let turn = bytes.length; turn < 9; turn++) await Promise.resolve();
          parts.push(bytes);
        },
        // What was there is replaced now, and not before.
        close: async () => {
          file.bytes = new Uint8Array(Buffer.concat(parts));
        },
      };
    },
  };
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gavel-files-'));
  const root = new OriginDirectory();
  vi.stubGlobal('navigator', { storage: { getDirectory: async () => root } });
});
afterEach(async () => {
  vi.unstubAllGlobals();
  OriginDirectory.isFull = false;
  await rm(folder, { recursive: true });
});

const text = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8'));

describe.each([
  ['a folder', nodeFiles, (): string => join(folder, 'home')],
  ['the storage of an origin', webFiles, (): string => 'gavel/home'],
  ['memory', webFiles, () => `memory:${folder}`],
] as const)('%s', (_name, files, home) => {
  beforeEach(async () => {
    await files.openPrivateDirectory(home());
    await files.openPrivateDirectory(`${home()}/notices`);
  });

  it('gives back what was written last, and nothing where nothing was', async () => {
    expect(await files.readPrivateFile(`${home()}/identity.json`)).toBeUndefined();
    await files.writePrivateFile(`${home()}/identity.json`, 'one, and longer');
    await files.writePrivateFile(`${home()}/identity.json`, 'two: ä');
    expect(text(await files.readPrivateFile(`${home()}/identity.json`))).toBe('two: ä');
    expect(await files.readPrivateFile(`${home()}/notices/identity.json`)).toBeUndefined();
  });

  it('lists what ends in .json in one directory, in order of name', async () => {
    for (const name of ['notices/b.json', 'notices/a.json', 'notices/c.txt', 'identity.json']) {
      await files.writePrivateFile(`${home()}/${name}`, '{}');
    }
    const inside = ['a.json', 'b.json'].map((name) => `${home()}/notices/${name}`);
    expect(await files.listPrivateFiles(`${home()}/notices`)).toEqual(inside);
    expect(await files.listPrivateFiles(home())).toEqual([`${home()}/identity.json`]);
  });

  it('lets writes to one file wait for each other', async () => {
    const path = `${home()}/houses.json`;
    await Promise.all(['1', '22', '333'].map((value) => files.writePrivateFile(path, value)));
    expect(text(await files.readPrivateFile(path))).toBe('333');
  });

  it('keeps a file when something stands for it, and lists it only then', async () => {
    const path = `${home()}/notices/a.json`;
    const during = async () => [await files.readPrivateFile(path), await files.listPrivateFiles(`${home()}/notices`)];
    expect(await files.keepPrivateFile(path, 'good', during)).toEqual([undefined, []]);
    expect(text(await files.readPrivateFile(path))).toBe('good');
  });

  it('keeps nothing where nothing stands for it, and what was there before stays', async () => {
    const [none, kept] = [`${home()}/notices/a.json`, `${home()}/notices/b.json`];
    await files.writePrivateFile(kept, 'before');
    for (const path of [none, kept]) {
      await expect(files.keepPrivateFile(path, 'bad', () => Promise.reject(new Error('it is bad')))).rejects.toThrow(
        'it is bad',
      );
    }
    expect(await files.listPrivateFiles(`${home()}/notices`)).toEqual([kept]);
    expect(text(await files.readPrivateFile(kept))).toBe('before');
  });

  it('hands out a copy: nobody changes what is kept', async () => {
    await files.writePrivateFile(`${home()}/a.json`, 'kept');
    (await files.readPrivateFile(`${home()}/a.json`))!.fill(0);
    expect(text(await files.readPrivateFile(`${home()}/a.json`))).toBe('kept');
  });
});

describe('the storage of an origin', () => {
  it('that is full, or is not there, can not be used, and what was kept stays', async () => {
    await webFiles.writePrivateFile('home/a.json', 'kept');
    OriginDirectory.isFull = true;
    expect(await complaintOfPromise(webFiles.writePrivateFile('home/a.json', 'more'))).toBe('home-unreadable');
    OriginDirectory.isFull = false;
    expect(text(await webFiles.readPrivateFile('home/a.json'))).toBe('kept');
    await webFiles.writePrivateFile('home/a.json', 'room again');
    expect(text(await webFiles.readPrivateFile('home/a.json'))).toBe('room again');
    vi.stubGlobal('navigator', {});
    expect(await complaintOfPromise(webFiles.openPrivateDirectory('home'))).toBe('home-unreadable');
  });
});
