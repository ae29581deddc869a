/**
 * The twin of private-files.ts where there is no file system of a machine: the origin's own (File System Standard, the
 * "origin private file system"), which no other origin reads. A path that begins with `memory:` is kept in this
 * program's memory alone, and gone when it ends.
 */
import { utf8 } from '../../shared/bytes.ts';
import { ClientError } from '../client-error.ts';
import { oneAfterAnother } from './write-queue.ts';

const IN_MEMORY = 'memory:';
/** The largest file that is read: everything we write is far below it. */
const MAX_FILE_BYTES = 4 * 1_048_576;

const memory = new Map<string, Uint8Array>();

/** Makes a directory if it is not there. Throws `home-unreadable`. */
export async function openPrivateDirectory(path: string): Promise<void> {
  if (!path.startsWith(IN_MEMORY)) await usable(path, () => directoryAt(partsOf(path)));
}

/** The bytes of a file; `undefined` where there is none. Throws `home-unreadable`. */
export async function readPrivateFile(path: string): Promise<Uint8Array | undefined> {
  if (path.startsWith(IN_MEMORY)) return memory.get(path)?.slice();
  const [directory, name] = split(path);
  try {
    const file = await (await (await directoryAt(directory)).getFileHandle(name)).getFile();
    if (file.size > MAX_FILE_BYTES) throw new ClientError('home-unreadable', `${path} is too large`);
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
    throw unreadable(error, path);
  }
}

/** Replaces a file as a whole: what is written is swapped in when it is complete. Writes to one file wait for each other. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const bytes = utf8.encode(text);
  if (path.startsWith(IN_MEMORY)) {
    memory.set(path, bytes);
    return;
  }
  await oneAfterAnother(path, () => usable(path, () => write(path, bytes)));
}

/** Writes a file for which `prove` stands: what it throws is thrown, and then nothing was written. */
export async function keepPrivateFile<Proof>(path: string, text: string, prove: () => Promise<Proof>): Promise<Proof> {
  const proof = await prove();
  await writePrivateFile(path, text);
  return proof;
}

/** The paths of the files in a directory that end in `.json`, in order of name. */
export async function listPrivateFiles(directory: string): Promise<string[]> {
  const names: string[] = [];
  if (directory.startsWith(IN_MEMORY)) {
    const inside = `${directory}/`;
    for (const path of memory.keys()) if (path.startsWith(inside)) names.push(path.slice(inside.length));
  } else {
    await usable(directory, async () => {
      for await (const name of (await directoryAt(partsOf(directory))).keys()) names.push(name);
    });
  }
  return names
    .filter((name) => name.endsWith('.json') && !name.includes('/'))
    .sort()
    .map((name) => `${directory}/${name}`);
}

async function write(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const [directory, name] = split(path);
  const file = await (await directoryAt(directory)).getFileHandle(name, { create: true });
  const stream = await file.createWritable();
  await stream.write(bytes);
  await stream.close();
}

/** What is used here of the File System Standard. */
interface OriginDirectory {
  getDirectoryHandle(name: string, options: { readonly create: true }): Promise<OriginDirectory>;
  getFileHandle(name: string, options?: { readonly create: true }): Promise<OriginFile>;
  keys(): AsyncIterable<string>;
}
interface OriginFile {
  getFile(): Promise<Blob>;
  createWritable(): Promise<{ write(bytes: Uint8Array<ArrayBuffer>): Promise<void>; close(): Promise<void> }>;
}

async function directoryAt(parts: readonly string[]): Promise<OriginDirectory> {
  const { storage } = globalThis.navigator as { storage?: { getDirectory(): Promise<OriginDirectory> } };
  if (storage === undefined) throw new ClientError('home-unreadable', 'no storage of an origin is here');
  let directory = await storage.getDirectory();
  for (const part of parts) directory = await directory.getDirectoryHandle(part, { create: true });
  return directory;
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function split(path: string): [string[], string] {
  const parts = partsOf(path);
  return [parts.slice(0, -1), parts.at(-1) ?? ''];
}

async function usable<Result>(path: string, use: () => Promise<Result>): Promise<Result> {
  try {
    return await use();
  } catch (error) {
    throw unreadable(error, path);
  }
}

/** No room, no rights, or no such storage at all: that is for the owner to mend. */
function unreadable(error: unknown, path: string): unknown {
  if (error instanceof ClientError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new ClientError('home-unreadable', `${path}: ${reason}`, { cause: error });
}
