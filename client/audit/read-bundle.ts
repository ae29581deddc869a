/** A bundle as a copy of a journal: read line by line, whatever is in it. */
import { type FileHandle, open } from 'node:fs/promises';
import { ProtocolError } from '../../shared/errors.ts';
import { type Certificate, verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { parseStrictJson } from '../../shared/strict-json.ts';
import { MAX_LOG_ENTRIES } from '../../shared/wire/limits.ts';
import type { LogEntry } from '../../shared/wire/log.ts';
import { ClientError } from '../client-error.ts';
import { BundleHead, EndLine, EntryLine, LeavesLine, MAX_LINE_BYTES, MAX_SIGNERS, SignerLine } from './bundle-lines.ts';
import type { CopyPart, JournalCopy } from './journal-copy.ts';
import type { SignerChain } from './signer-archive.ts';

export interface OpenedBundle {
  readonly copy: JournalCopy;
  /** As it is in the bundle: whoever asks knows its fingerprint. */
  readonly root: Certificate;
  close(): Promise<void>;
}

/** Opens a bundle and reads its head. Throws `ClientError` 'file-unreadable' | 'bundle-malformed'. */
export async function openBundle(path: string): Promise<OpenedBundle> {
  const file = await openFile(path);
  try {
    const lines = new Lines(file, path);
    const head = BundleHead.safeParse(jsonOf((await lines.next()) ?? new Uint8Array())).data;
    if (head === undefined)
      throw new ClientError('bundle-malformed', `${path}: the first line is not that of a bundle`);
    const { root, checkpoint, witnessed } = head;
    const signers = await readSigners(lines);
    return {
      copy: { head: { checkpoint, signers, ...(witnessed && { witnessed }) }, parts: () => parts(lines) },
      root: parseRoot(root, path),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    // The file system's own message names the path and what is wrong with it.
    throw new ClientError('file-unreadable', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function parseRoot(pem: string, path: string): Certificate {
  try {
    return verifyRoot(pem);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new ClientError('bundle-malformed', `${path}: there is no root certificate in it`, { cause });
  }
}

async function readSigners(lines: Lines): Promise<SignerChain[]> {
  const signers: SignerChain[] = [];
  for (let line = await lines.next(); line !== undefined; line = await lines.next()) {
    const parsed = SignerLine.safeParse(jsonOf(line)).data;
    if (parsed === undefined || signers.length === MAX_SIGNERS) {
      lines.putBack(line);
      break;
    }
    signers.push(parsed.signer);
  }
  return signers;
}

/** What is neither leaves nor the end has to be a record; what is no record is one that does not hold. */
async function* parts(lines: Lines): AsyncGenerator<CopyPart> {
  let entries: (LogEntry | undefined)[] = [];
  for (let line = await lines.next(); line !== undefined; line = await lines.next()) {
    const value = jsonOf(line);
    const other = partOf(value);
    if (other === undefined) entries.push(EntryLine.safeParse(value).data);
    if (entries.length > 0 && (other !== undefined || entries.length === MAX_LOG_ENTRIES)) {
      yield { kind: 'entries', entries };
      entries = [];
    }
    if (other !== undefined) yield other;
  }
  if (entries.length > 0) yield { kind: 'entries', entries };
}

function partOf(value: unknown): CopyPart | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('leaves' in value) {
    const { data } = LeavesLine.safeParse(value);
    return data && { kind: 'leaves', ...data };
  }
  const { data } = 'end' in value ? EndLine.safeParse(value) : {};
  return data && { kind: 'end', ...data };
}

/** The value of a line; `undefined` where it is no JSON, and so of no kind. */
function jsonOf(line: Uint8Array): unknown {
  try {
    return parseStrictJson(line);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

const LINE_FEED = 10;
const CHUNK_BYTES = 65_536;

/** The lines of a file, none longer than any of ours: what is longer comes in pieces, and no piece is a line of ours. */
class Lines {
  readonly #file: FileHandle;
  readonly #path: string;
  #rest: Uint8Array = new Uint8Array();
  #isOver = false;
  #again: Uint8Array | undefined;

  constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  putBack(line: Uint8Array): void {
    this.#again = line;
  }

  async next(): Promise<Uint8Array | undefined> {
    const again = this.#again;
    this.#again = undefined;
    return again ?? (await this.#read());
  }

  async #read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const end = this.#rest.indexOf(LINE_FEED);
      if (end >= 0) return this.#take(end, end + 1);
      if (this.#rest.length > MAX_LINE_BYTES) return this.#take(MAX_LINE_BYTES, MAX_LINE_BYTES);
      if (this.#isOver) return this.#rest.length === 0 ? undefined : this.#take(this.#rest.length, this.#rest.length);
      await this.#fill();
    }
  }

  #take(end: number, next: number): Uint8Array {
    const line = this.#rest.subarray(0, end);
    this.#rest = this.#rest.subarray(next);
    return line;
  }

  async #fill(): Promise<void> {
    try {
      const { bytesRead, buffer } = await this.#file.read(new Uint8Array(CHUNK_BYTES), 0, CHUNK_BYTES);
      this.#isOver = bytesRead === 0;
      this.#rest = Buffer.concat([this.#rest, buffer.subarray(0, bytesRead)]);
    } catch (cause) {
      // A folder, or a disk that does not give its bytes.
      throw new ClientError('file-unreadable', `${this.#path}: ${String(cause)}`, { cause });
    }
  }
}
