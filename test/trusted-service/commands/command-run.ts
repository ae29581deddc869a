/** Runs a command of the operator, and keeps what it wrote. */
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { CommandIo } from '../../../shared/command-io.ts';

export interface CommandRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Of standard output. */
  readonly lines: string[];
}

export async function runCommand(
  run: (io: CommandIo) => Promise<number>,
  env: Record<string, string> = {},
  isTTY = false,
): Promise<CommandRun> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const written = Promise.all([text(out), text(err)]);
  const exitCode = await run({ stdout: Object.assign(out, { isTTY }), stderr: err, env });
  out.end();
  err.end();
  const [stdout, stderr] = await written;
  return { exitCode, stdout, stderr, lines: stdout.split('\n').slice(0, -1) };
}
