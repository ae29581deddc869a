/** Runs `openssl`, the foreign program that our certificates are shown to. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What it printed, on both streams. Rejects where it exits with another code than 0. */
export async function openssl(...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run('openssl', [...args]);
  return stdout + stderr;
}

/** A folder with these files in it, removed afterwards; `use` gets their paths by name. */
export async function withFiles<Name extends string, Result>(
  files: Readonly<Record<Name, string | Uint8Array>>,
  use: (paths: Readonly<Record<Name, string>>, folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'gavel-openssl-'));
  try {
    const names = Object.keys(files) as Name[];
    await Promise.all(names.map((name) => writeFile(join(folder, name), files[name])));
    return await use(
      Object.fromEntries(names.map((name) => [name, join(folder, name)])) as Record<Name, string>,
      folder,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}
