/**
 * The file of a snapshot, in pieces that are small enough to be made and read one at a time:
 *
 *   frames    each: kind (1) ‖ length (4, big-endian) ‖ bytes
 *   checksum  SHA-256 of all before
 */
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { equalBytes } from '../../shared/bytes.ts';

export interface Frame {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

const HEAD_BYTES = 5;
const CHECKSUM_BYTES = 32;
/** More than any frame that is written; a length that is damaged does not cost memory. */
const MAX_FRAME_BYTES = 1 << 26;
/** Read ahead, so that the many small frames of a tree don't cost a call of the system each. */
const READ_BYTES = 1 << 20;
/** Bytes after which the disk gets its turn: it should not have to write all of it at once, while commits wait for it. */
const SYNC_BYTES = 1 << 24;
const SECRET_MODE = 0o600;

/** A file that is no snapshot, or not the one that was written. */
export class SnapshotUnfit extends Error {
  override readonly name = 'SnapshotUnfit';
}

/** Writes and syncs a file of its own; nobody else is held up for longer than one frame takes. Returns its size. */
export async function writeFrames(path: string, frames: Iterable<Frame>, signal?: AbortSignal): Promise<number> {
  const file = await open(path, 'w', SECRET_MODE);
  try {
    const checksum = createHash('sha256');
    let [written, synced] = [0, 0];
    for (const { kind, bytes } of frames) {
      signal?.throwIfAborted();
      const head = Buffer.alloc(HEAD_BYTES);
      head.writeUInt8(kind);
      head.writeUInt32BE(bytes.length, 1);
      checksum.update(head).update(bytes);
      await file.writev([head, bytes]);
      written += HEAD_BYTES + bytes.length;
      if (written - synced < SYNC_BYTES) continue;
      await file.datasync();
      synced = written;
    }
    await file.write(checksum.digest());
    await file.sync();
    return written + CHECKSUM_BYTES;
  } finally {
    await file.close();
  }
}

/**
 * The frames of a file, in order. What they say is not to be relied on before the last one: only then is it known that
 * the file is what was written. Throws `SnapshotUnfit`, and the system's errors.
 */
export async function* readFrames(path: string): AsyncGenerator<Frame> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const source = new Source(file, size - CHECKSUM_BYTES);
    while (source.left > 0) {
      const head = Buffer.from(await source.take(HEAD_BYTES));
      const length = head.readUInt32BE(1);
      if (length > MAX_FRAME_BYTES) throw new SnapshotUnfit('it is damaged');
      yield { kind: head.readUInt8(), bytes: await source.take(length) };
    }
    const checksum = Buffer.alloc(CHECKSUM_BYTES);
    await file.read(checksum, 0, CHECKSUM_BYTES, Math.max(0, size - CHECKSUM_BYTES));
    if (!equalBytes(source.checksum.digest(), checksum)) throw new SnapshotUnfit('it is damaged');
  } finally {
    await file.close();
  }
}

/** The bytes of a file from its beginning, hashed as they come. */
class Source {
  readonly checksum: Hash = createHash('sha256');
  /** How many can still be taken. */
  left: number;
  readonly #file: FileHandle;
  #ahead: Uint8Array = new Uint8Array();
  #at = 0;

  constructor(file: FileHandle, length: number) {
    this.#file = file;
    this.left = length;
  }

  async take(length: number): Promise<Uint8Array> {
    if (length > this.left) throw new SnapshotUnfit('it is cut off');
    if (length > this.#ahead.length) await this.#readAhead(length);
    const taken = this.#ahead.subarray(0, length);
    this.#ahead = this.#ahead.subarray(length);
    this.left -= length;
    this.checksum.update(taken);
    return taken;
  }

  /** What has been handed out stays as it is: each time into new memory. */
  async #readAhead(atLeast: number): Promise<void> {
    const buffer = Buffer.alloc(Math.min(this.left, Math.max(READ_BYTES, atLeast)));
    buffer.set(this.#ahead);
    let filled = this.#ahead.length;
    while (filled < buffer.length) {
      const { bytesRead } = await this.#file.read(buffer, filled, buffer.length - filled, this.#at);
      if (bytesRead === 0) throw new SnapshotUnfit('it is cut off');
      this.#at += bytesRead;
      filled += bytesRead;
    }
    this.#ahead = buffer;
  }
}
