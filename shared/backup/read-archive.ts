/** Reads a backup file. It is verified as a whole before anything that is in it is looked at. */
import { createDecipheriv, createHash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import { equalBytes } from '../bytes.ts';
import {
  type ArchivedFile,
  ArchiveError,
  CHECKSUM_BYTES,
  CIPHER,
  deriveKey,
  HEADER_LINES,
  LENGTH_BYTES,
  MAX_MANIFEST_BYTES,
  type Manifest,
  NONCE_BYTES,
  PIECE_BYTES,
  type Protection,
  SALT_BYTES,
  TAG_BYTES,
} from './archive-format.ts';

const FOLDER_MODE = 0o700;
const SECRET_MODE = 0o600;
const PUBLIC_MODE = 0o644;

/** A backup that was found to be whole, and made with this passphrase. */
export interface Archive<Own extends Manifest> {
  readonly manifest: Own;
  /** Writes every file below this empty folder, each on disk when this returns, as the manifest has it. Throws `ArchiveError`. */
  extract(folder: string): void;
}

/**
 * Opens a backup for as long as `use` takes. `schema` is that of the manifests of this program. Throws `ArchiveError`;
 * `passphrase` is not looked at where none is needed.
 */
export async function withArchive<Own extends Manifest, Result>(
  path: string,
  schema: z.ZodType<Own>,
  passphrase: string | undefined,
  use: (archive: Archive<Own>) => Promise<Result>,
): Promise<Result> {
  const file = openSync(path, 'r');
  try {
    const sealed = await openSealed(file, passphrase);
    verifyWhole(sealed);
    const manifest = readManifest(new Payload(sealed), schema);
    return await use({
      manifest,
      extract: (folder) => {
        const payload = new Payload(sealed);
        readManifest(payload, schema);
        for (const entry of manifest.files) extractFile(payload, entry, folder);
        payload.end();
      },
    });
  } finally {
    closeSync(file);
  }
}

/** Where what is in the file. */
interface Sealed {
  readonly file: number;
  readonly header: Uint8Array;
  /** The payload's first byte, and the one after its last. */
  readonly from: number;
  readonly to: number;
  readonly checksumAt: number;
  readonly unsealing: () => Unsealing;
}

interface Unsealing {
  open(bytes: Uint8Array): Uint8Array;
  /** Throws unless every byte was sealed with this key. */
  end(): void;
}

async function openSealed(file: number, passphrase: string | undefined): Promise<Sealed> {
  const { size } = fstatSync(file);
  const protection = protectionOf(file);
  const isPlain = protection === 'plain';
  const line = HEADER_LINES[protection].length;
  const from = isPlain ? line : line + SALT_BYTES + NONCE_BYTES;
  const checksumAt = size - CHECKSUM_BYTES;
  const to = isPlain ? checksumAt : checksumAt - TAG_BYTES;
  if (to - from < LENGTH_BYTES) throw damaged();
  const header = readAt(file, 0, from);
  const unsealing = isPlain ? () => NO_SEAL : await sealedBy(passphrase, header, line, readAt(file, to, TAG_BYTES));
  return { file, header, from, to, checksumAt, unsealing };
}

const NO_SEAL: Unsealing = { open: (bytes) => bytes, end: () => {} };

function protectionOf(file: number): Protection {
  for (const protection of ['plain', 'scrypt-aes-256-gcm'] as const) {
    const line = HEADER_LINES[protection];
    if (equalBytes(readUpTo(file, 0, line.length), line)) return protection;
  }
  throw new ArchiveError('damaged', 'This is no backup, or its first line is damaged.');
}

async function sealedBy(
  passphrase: string | undefined,
  header: Uint8Array,
  line: number,
  tag: Uint8Array,
): Promise<() => Unsealing> {
  if (passphrase === undefined) {
    throw new ArchiveError(
      'passphrase',
      'The backup is encrypted: set GAVEL_BACKUP_PASSPHRASE, or GAVEL_BACKUP_PASSPHRASE_FILE.',
    );
  }
  const [salt, nonce] = [header.subarray(line, line + SALT_BYTES), header.subarray(line + SALT_BYTES)];
  const key = await deriveKey(passphrase, salt);
  return () => {
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(header).setAuthTag(tag);
    return {
      open: (bytes) => decipher.update(bytes),
      end: () => {
        try {
          decipher.final();
        } catch (cause) {
          // The checksum was right, so these are the bytes that were written; or somebody made another checksum for others.
          throw new ArchiveError('passphrase', 'The passphrase is not that of this backup.', { cause });
        }
      },
    };
  };
}

/** The checksum first: a flipped bit is told from a wrong passphrase. Nothing is kept of what is opened here. */
function verifyWhole(sealed: Sealed): void {
  const { file, header, from, to, checksumAt, unsealing } = sealed;
  const checksum = createHash('sha256').update(header);
  const opened = unsealing();
  for (const piece of piecesOf(file, from, to)) {
    checksum.update(piece);
    opened.open(piece);
  }
  checksum.update(readAt(file, to, checksumAt - to));
  if (!equalBytes(checksum.digest(), readAt(file, checksumAt, CHECKSUM_BYTES))) throw damaged();
  opened.end();
}

/** The payload, opened from its beginning to its end. */
class Payload {
  readonly #opened: Unsealing;
  readonly #pieces: Iterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor({ file, from, to, unsealing }: Sealed) {
    this.#opened = unsealing();
    this.#pieces = piecesOf(file, from, to);
  }

  /** The next bytes, at least one and at most `limit`. */
  some(limit: number): Uint8Array {
    if (this.#rest.length === 0) {
      const next = this.#pieces.next();
      if (next.done === true) throw damaged();
      this.#rest = this.#opened.open(next.value);
    }
    const taken = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  exactly(length: number): Uint8Array {
    const parts: Uint8Array[] = [];
    for (let left = length; left > 0; ) {
      const part = this.some(left);
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** Throws unless this was all, and all was sealed. */
  end(): void {
    if (this.#rest.length > 0 || this.#pieces.next().done !== true) throw damaged();
    this.#opened.end();
  }
}

function readManifest<Own extends Manifest>(payload: Payload, schema: z.ZodType<Own>): Own {
  const length = Buffer.from(payload.exactly(LENGTH_BYTES)).readUInt32BE();
  if (length > MAX_MANIFEST_BYTES) throw damaged();
  try {
    return schema.parse(JSON.parse(Buffer.from(payload.exactly(length)).toString()));
  } catch (cause) {
    // The file is as it was written, so it is another program's, or a newer version wrote it.
    throw new ArchiveError('damaged', 'This is a backup of another program, or by a newer version of this one.', {
      cause,
    });
  }
}

function extractFile(payload: Payload, { path, bytes, sha256, secret }: ArchivedFile, folder: string): void {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true, mode: FOLDER_MODE });
  const file = openSync(target, 'wx', secret ? SECRET_MODE : PUBLIC_MODE);
  try {
    const digest = createHash('sha256');
    for (let left = bytes; left > 0; ) {
      const piece = payload.some(left);
      digest.update(piece);
      for (let at = 0; at < piece.length; ) at += writeSync(file, piece, at);
      left -= piece.length;
    }
    if (digest.digest('hex') !== sha256) throw new ArchiveError('damaged', `${path} in the backup is damaged.`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function* piecesOf(file: number, from: number, to: number): Generator<Uint8Array> {
  for (let at = from; at < to; ) {
    const piece = readAt(file, at, Math.min(PIECE_BYTES, to - at));
    at += piece.length;
    yield piece;
  }
}

function readAt(file: number, position: number, length: number): Uint8Array {
  const bytes = readUpTo(file, position, length);
  if (bytes.length < length) throw damaged();
  return bytes;
}

function readUpTo(file: number, position: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const read = readSync(file, bytes, filled, length - filled, position + filled);
    if (read === 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}

function damaged(): ArchiveError {
  return new ArchiveError('damaged', 'The backup is damaged or cut off; use another copy of it.');
}
