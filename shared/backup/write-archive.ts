/** Writes a backup file: private, whole or not at all, and never over another. */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { invariant } from '../invariant.ts';
import {
  CIPHER,
  deriveKey,
  HEADER_LINES,
  LENGTH_BYTES,
  type Manifest,
  NONCE_BYTES,
  PIECE_BYTES,
  SALT_BYTES,
  TAG_BYTES,
} from './archive-format.ts';

const SECRET_MODE = 0o600;

/** Writes to `path`, which must not be there yet. `contents` are the files, in the manifest's order. */
export async function writeArchive(
  path: string,
  manifest: Manifest,
  contents: Iterable<Uint8Array>,
  passphrase: string | undefined,
): Promise<void> {
  const sealing = await startSealing(passphrase);
  const file = openSync(path, 'wx', SECRET_MODE);
  try {
    const checksum = createHash('sha256');
    const write = (bytes: Uint8Array) => {
      checksum.update(bytes);
      writeAll(file, bytes);
    };
    write(sealing.header);
    for (const piece of payloadOf(manifest, contents)) write(sealing.seal(piece));
    write(sealing.end());
    writeAll(file, checksum.digest());
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

interface Sealing {
  readonly header: Uint8Array;
  seal(bytes: Uint8Array): Uint8Array;
  end(): Uint8Array;
}

async function startSealing(passphrase: string | undefined): Promise<Sealing> {
  if (passphrase === undefined) {
    return { header: HEADER_LINES.plain, seal: (bytes) => bytes, end: () => new Uint8Array() };
  }
  const [salt, nonce] = [randomBytes(SALT_BYTES), randomBytes(NONCE_BYTES)];
  const header = Buffer.concat([HEADER_LINES['scrypt-aes-256-gcm'], salt, nonce]);
  const key = await deriveKey(passphrase, salt);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(header);
  return {
    header,
    seal: (bytes) => cipher.update(bytes),
    end: () => Buffer.concat([cipher.final(), cipher.getAuthTag()]),
  };
}

function* payloadOf(manifest: Manifest, contents: Iterable<Uint8Array>): Generator<Uint8Array> {
  const text = Buffer.from(JSON.stringify(manifest));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(text.length);
  yield Buffer.concat([length, text]);
  const promised = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
  let written = 0;
  for (const piece of contents) {
    written += piece.length;
    yield piece;
  }
  invariant(written === promised, 'the files are as long as the manifest says');
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** A file in pieces. */
export function* readPieces(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const piece = Buffer.alloc(PIECE_BYTES);
      const length = readSync(file, piece);
      if (length === 0) return;
      yield piece.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}
