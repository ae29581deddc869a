/** Writes a copy of a journal into a file while somebody reads it: what is in the bundle is what was audited. */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { decodeBase64url, encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { leafHashOf } from '../../shared/journal/record.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import type { LogEntry } from '../../shared/wire/log.ts';
import type { CertificatePem } from '../../shared/wire/vocabulary.ts';
import { ClientError } from '../client-error.ts';
import type { BundleHead } from './bundle-lines.ts';
import type { CopyPart, JournalCopy } from './journal-copy.ts';

export class BundleWriter {
  /** So far. */
  bytes = 0;
  readonly #file: FileHandle;
  readonly #path: string;

  private constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /** Begins a file that is not there yet. Throws `ClientError` 'file-exists' | 'file-unreadable'. */
  static async create(path: string, mode?: number): Promise<BundleWriter> {
    try {
      return new BundleWriter(await open(path, 'wx', mode), path);
    } catch (cause) {
      const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
      // The file system's own message names the path and what is wrong with it.
      throw new ClientError(isThere ? 'file-exists' : 'file-unreadable', String(cause), { cause });
    }
  }

  /** The same copy, written as it is read. */
  async following(copy: JournalCopy, root: Certificate): Promise<JournalCopy> {
    const { checkpoint, witnessed, signers } = copy.head;
    const head: BundleHead = {
      ...{ gavel: 'bundle', v: 1, root: root.pem as CertificatePem, checkpoint },
      ...(witnessed && { witnessed }),
    };
    await this.write([head, ...signers.map((signer) => ({ signer }))]);
    return { ...copy, parts: () => this.#written(copy.parts()) };
  }

  /** Each value on a line of its own. */
  async write(lines: readonly object[]): Promise<void> {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    try {
      await this.#file.writeFile(text);
    } catch (cause) {
      throw new ClientError('file-unreadable', String(cause), { cause });
    }
    this.bytes += Buffer.byteLength(text);
  }

  /** On disk when this resolves. */
  async finish(): Promise<void> {
    await this.#file.sync();
    await this.#file.close();
  }

  /** Removes what was written. */
  async discard(): Promise<void> {
    await this.#file.close();
    await rm(this.#path);
  }

  async *#written(parts: AsyncIterable<CopyPart>): AsyncGenerator<CopyPart> {
    for await (const part of parts) {
      await this.write(linesOf(part));
      yield part;
    }
  }
}

function linesOf(part: CopyPart): object[] {
  if (part.kind === 'end') return [{ end: part.end }];
  if (part.kind === 'leaves') return [{ leaves: part.leaves }];
  const entries = part.entries.filter((entry) => entry !== undefined);
  return entries.length === 0 ? [] : [{ leaves: entries.map(leafOf) }, ...entries];
}

function leafOf({ record, commitment }: LogEntry): string {
  const bytes = { publicPart: utf8.encode(record), commitment: decodeBase64url(commitment) ?? new Uint8Array() };
  return encodeBase64url(leafHashOf(bytes));
}
