/** A folder of one test file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Paths in a fresh folder that is removed after the tests of this file. */
export function testFolder(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'gavel-ts-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return (name) => join(folder, name);
}
