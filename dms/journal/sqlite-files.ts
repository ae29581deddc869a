/** The journal's files on disk: readable by their owner alone; and SQLite's result codes. */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/** Result codes, https://sqlite.org/rescode.html. The low byte is the primary code. */
export const SQLITE_BUSY = 5;
export const SQLITE_CORRUPT = 11;
export const SQLITE_NOTADB = 26;

export function isSqliteError(error: unknown, code: number): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === code;
}

/**
 * An empty file with mode 0600, before SQLite would make one that others can read. A file that is there is not opened:
 * closing any handle on it would drop the locks that this process holds on it (POSIX `fcntl`).
 */
export function createPrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (existsSync(path)) chmodSync(path, 0o600);
  else closeSync(openSync(path, 'wx', 0o600));
}
