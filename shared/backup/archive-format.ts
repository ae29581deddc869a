/**
 * A backup is one file:
 *
 *   header    one line that says what follows; encrypted: ‖ salt (16) ‖ nonce (12)
 *   payload   length of the manifest (4, big-endian) ‖ manifest (JSON) ‖ the files, in the manifest's order
 *   tag       encrypted: 16 bytes of AES-256-GCM, over the header too
 *   checksum  SHA-256 of all before: tells a damaged file from a wrong passphrase
 */
import { createHash, scrypt } from 'node:crypto';
import { z } from 'zod';

export type Protection = 'plain' | 'scrypt-aes-256-gcm';

export const SALT_BYTES = 16;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
export const CHECKSUM_BYTES = 32;
export const LENGTH_BYTES = 4;
/** Some dozens of keys and certificates. */
export const MAX_MANIFEST_BYTES = 1_048_576;
/** Files are moved in pieces of this size: a state may be larger than memory. */
export const PIECE_BYTES = 1_048_576;
export const CIPHER = 'aes-256-gcm';

/** The cost is part of the format: a file can't ask for more. 128 MiB and about half a second for each guess. */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 } as const;
const KEY_BYTES = 32;

export const HEADER_LINES: { readonly [Kind in Protection]: Uint8Array } = {
  plain: Buffer.from('gavel-backup 1 plain\n'),
  'scrypt-aes-256-gcm': Buffer.from('gavel-backup 1 scrypt-aes-256-gcm\n'),
};

/** Folders and names that need no quoting anywhere, and lead nowhere else. */
const RelativePath = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/);

const ArchivedFile = z.strictObject({
  path: RelativePath,
  bytes: z.int().min(0),
  /** Hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** For the owner's eyes alone; certificates are not. */
  secret: z.boolean(),
});
export type ArchivedFile = z.infer<typeof ArchivedFile>;

/** Whether every file can have its place: none is there twice, and none where another one's folder is. */
function arePlaces(files: readonly ArchivedFile[]): boolean {
  const paths = new Set(files.map(({ path }) => path));
  const folders = files.flatMap(({ path }) =>
    path.split('/').map((_, depth, names) => names.slice(0, depth).join('/')),
  );
  return paths.size === files.length && !folders.some((folder) => paths.has(folder));
}

/** What every manifest has. Each program adds what it is known by, so that none takes another one's backup for its own. */
export const manifestMembers = {
  /** When it was made, by the machine's clock. Milliseconds since the Unix epoch. */
  madeAt: z.int().min(0),
  files: z.array(ArchivedFile).refine(arePlaces),
} as const;

export interface Manifest {
  readonly madeAt: number;
  readonly files: readonly ArchivedFile[];
}

/** The entry of a file with these bytes. */
export function entryOf(path: string, pieces: Iterable<Uint8Array>, secret: boolean): ArchivedFile {
  const digest = createHash('sha256');
  let bytes = 0;
  for (const piece of pieces) {
    digest.update(piece);
    bytes += piece.length;
  }
  return { path, bytes, sha256: digest.digest('hex'), secret };
}

/** A backup that can't be used. The message is a sentence for the operator. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
  readonly kind: 'damaged' | 'passphrase';

  constructor(kind: ArchiveError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** The key of a passphrase. Composed and decomposed letters are the same passphrase (RFC 8265 section 4.2). */
export function deriveKey(passphrase: string, salt: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, KEY_BYTES, SCRYPT, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
