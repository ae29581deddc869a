/** What a process holds, asked through its inspector. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { memoryInUse } from '../../bench/lots/memory-in-use.ts';
import { freePort } from '../support/free-port.ts';

const MB = 1_048_576;

let child: ChildProcess | undefined;
afterEach(async () => {
  if (child === undefined) return;
  child.kill();
  await once(child, 'exit');
  child = undefined;
});

async function heldBy(program: string): Promise<number> {
  const port = await freePort();
  const run = `${program}; setInterval(() => {}, 1000); console.log('ready')`;
  child = spawn(process.execPath, [`--inspect=127.0.0.1:${port}`, '-e', run], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout!, 'data');
  const { held } = await memoryInUse(port);
  child.kill();
  await once(child, 'exit');
  child = undefined;
  return held / MB;
}

it('counts what a program keeps, on its heap and beside it, and nothing that it has dropped', {
  timeout: 60_000,
}, async () => {
  const nothing = await heldBy('0');
  expect(await heldBy('globalThis.kept = Array.from({ length: 2 ** 22 }, (_, n) => n + 0.5)')).toBeGreaterThan(
    nothing + 30,
  );
  expect(await heldBy('globalThis.kept = new Uint8Array(64 * 2 ** 20)')).toBeGreaterThan(nothing + 60);
  expect(await heldBy('Array.from({ length: 2 ** 21 }, (_, n) => ({ n })).length')).toBeLessThan(nothing + 10);
});
