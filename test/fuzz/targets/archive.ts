/** A backup, changed in its place or made by somebody who knows the form: it is whole and ours, or nothing of it is taken. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Manifest } from '../../../dms/backup/manifest.ts';
import { ArchiveError, HEADER_LINES } from '../../../shared/backup/archive-format.ts';
import { withArchive } from '../../../shared/backup/read-archive.ts';
import { utf8 } from '../../../shared/bytes.ts';
import type { Choice } from '../choice.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import { mutateJson } from '../mutate-json.ts';
import { demand, type Target } from '../target.ts';

interface Input {
  readonly header: Uint8Array;
  readonly manifest: string;
  readonly contents: Uint8Array;
  /** What follows the checksum over all before, or stands in place of it. */
  readonly spoil: (archive: Uint8Array) => Uint8Array;
}

const asIs = (archive: Uint8Array) => archive;
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
const PATHS = [
  'a',
  'a/b',
  'a/b/c',
  '../a',
  '/a',
  'a/../b',
  'a//b',
  '.a',
  'a\\b',
  'A',
  'a\0',
  'x'.repeat(201),
  '__proto__',
];

const files: readonly [path: string, content: Uint8Array][] = [
  ['dms.sqlite', utf8.encode('the journal of a house')],
  ['identity/certificate.pem', utf8.encode('-----BEGIN')],
  ['identity/key.pem', utf8.encode('secret')],
];
const entries = files.map(([path, bytes]) => ({
  path,
  bytes: bytes.length,
  sha256: digest(bytes).toString('hex'),
  secret: true,
}));
const house = '5f0c4a52-0c1f-4f0e-9b1a-3a6a5c0d8e21';
const good: Input = {
  header: HEADER_LINES.plain,
  manifest: JSON.stringify({ madeAt: 1, files: entries, house, position: 7 }),
  contents: Buffer.concat(files.map(([, bytes]) => bytes)),
  spoil: asIs,
};

const locked: Input = { ...good, header: Buffer.concat([HEADER_LINES['scrypt-aes-256-gcm'], new Uint8Array(28)]) };

function mutate(input: Input, choice: Choice): Input {
  switch (choice.below(6)) {
    case 0:
      return { ...input, header: mutateBytes(input.header, choice, HEADER_LINES['scrypt-aes-256-gcm']) };
    case 1:
      return { ...input, contents: mutateBytes(input.contents, choice, input.contents) };
    case 2:
      return { ...input, spoil: (archive) => mutateBytes(archive, choice, archive) };
    case 3: {
      const path = choice.of(entries).path;
      return { ...input, manifest: input.manifest.replace(JSON.stringify(path), JSON.stringify(choice.of(PATHS))) };
    }
    default:
      return { ...input, manifest: mutateJson(input.manifest, choice, good.manifest) };
  }
}

function bytesOf({ header, manifest, contents, spoil }: Input): Uint8Array {
  const text = utf8.encode(manifest);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const body = Buffer.concat([header, length, text, contents]);
  return spoil(Buffer.concat([body, digest(body)]));
}

async function judge(folder: string, input: Input): Promise<string> {
  const [path, target] = [join(folder, 'backup'), join(folder, 'restored')];
  writeFileSync(path, bytesOf(input));
  try {
    await withArchive(path, Manifest, undefined, async ({ manifest, extract }) => {
      mkdirSync(target);
      extract(target);
      for (const { path: name, sha256 } of manifest.files)
        demand(digest(readFileSync(join(target, name))).toString('hex') === sha256, 'another file was restored');
      demand(filesBelow(target) === manifest.files.length, 'more was written than the manifest has');
    });
    return 'accepted';
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    return error.kind;
  } finally {
    if (existsSync(target)) rmSync(target, { recursive: true });
    demand(readdirSync(folder).join() === 'backup', 'something was written beside the folder');
  }
}

function filesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true }).filter((name) => statSync(join(folder, String(name))).isFile())
    .length;
}

export const archive: Target<Input> = {
  name: 'archive',
  reaches: ['accepted', 'damaged', 'passphrase'],
  weight: 10,
  prepare: () => {
    const folder = mkdtempSync(join(tmpdir(), 'gavel-fuzz-'));
    return {
      valid: [good, locked],
      mutate,
      judge: (input) => judge(folder, input),
      end: () => rmSync(folder, { recursive: true }),
      // A file in the place of a folder.
      found: [{ ...good, manifest: good.manifest.replace('identity/certificate.pem', 'dms.sqlite/a') }],
    };
  },
};
