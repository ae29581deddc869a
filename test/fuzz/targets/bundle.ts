/** A bundle, the file that an auditor is handed: read line by line to its end, whatever is in it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBundle } from '../../../client/audit/read-bundle.ts';
import { ClientError } from '../../../client/client-error.ts';
import { utf8 } from '../../../shared/bytes.ts';
import { LogEntry } from '../../../shared/wire/log.ts';
import type { Choice } from '../choice.ts';
import { CORPUS } from '../corpus.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import { mutateJson } from '../mutate-json.ts';
import { demand, type Target } from '../target.ts';

const LINE_FEED = 10;
const lines = CORPUS.bundle;
const whole = utf8.encode(`${lines.join('\n')}\n`);

function mutate(bytes: Uint8Array, choice: Choice, other: Uint8Array): Uint8Array {
  if (choice.oneIn(4)) return mutateBytes(bytes, choice, other);
  const texts = Buffer.from(bytes).toString().split('\n');
  const at = choice.below(texts.length);
  switch (choice.below(4)) {
    case 0:
      return utf8.encode(texts.toSpliced(at, 1).join('\n'));
    case 1:
      return utf8.encode(texts.toSpliced(at, 0, choice.of(lines)).join('\n'));
    default:
      return utf8.encode(texts.with(at, mutateJson(texts[at]!, choice, choice.of(lines))).join('\n'));
  }
}

/** All parts of the copy; how many there were. */
async function drained(path: string): Promise<number> {
  const bundle = await openBundle(path);
  let count = 0;
  try {
    for await (const part of bundle.copy.parts()) {
      count += part.kind === 'entries' ? part.entries.length : 1;
      if (part.kind !== 'entries') continue;
      const isRead = part.entries.every((entry) => entry === undefined || LogEntry.safeParse(entry).success);
      demand(isRead, 'what is no entry is taken for one');
    }
  } finally {
    await bundle.close();
  }
  return count;
}

async function judge(path: string, bytes: Uint8Array): Promise<string> {
  writeFileSync(path, bytes);
  try {
    const count = await drained(path);
    const lineFeeds = bytes.reduce((sum, byte) => sum + (byte === LINE_FEED ? 1 : 0), 0);
    demand(count <= lineFeeds + 1, 'more was read than there is');
    return 'read to its end';
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    demand(error.code === 'bundle-malformed', `'${error.code}' is not said of a bundle`);
    return error.code;
  }
}

export const bundle: Target<Uint8Array> = {
  name: 'bundle',
  reaches: ['read to its end', 'bundle-malformed'],
  weight: 10,
  prepare: () => {
    const folder = mkdtempSync(join(tmpdir(), 'gavel-fuzz-'));
    const path = join(folder, 'bundle');
    return {
      valid: [whole],
      mutate,
      judge: (bytes) => judge(path, bytes),
      end: () => rmSync(folder, { recursive: true }),
    };
  },
};
