/** Small files that a user names. */
import { open } from 'node:fs/promises';
import { ClientError } from '../client-error.ts';

/** Evidence of some hundred commands; a certificate is far smaller. */
const MAX_BYTES = 16 * 1_048_576;

/** Throws `ClientError` 'file-unreadable'. */
export async function readTextFile(path: string): Promise<string> {
  try {
    await using file = await open(path, 'r');
    if ((await file.stat()).size > MAX_BYTES) throw new ClientError('file-unreadable', `${path} is too large`);
    return await file.readFile('utf8');
  } catch (cause) {
    if (cause instanceof ClientError) throw cause;
    // The file system's own message names the path and what is wrong with it.
    throw new ClientError('file-unreadable', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
