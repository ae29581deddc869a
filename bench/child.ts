/** A process of the bench: started on its cores, spoken with, ended with the bench. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Pinning } from './cores.ts';

export interface ChildOptions {
  readonly pinning: Pinning;
  /** Options of Node's own. */
  readonly nodeOptions?: readonly string[];
  readonly file: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** It ends within this after it was asked to; then it is killed. */
const END_LIMIT_MS = 12_000;

export class Child {
  readonly #process: ChildProcess;
  readonly #failed: Promise<never>;

  /** Its standard error is ours. */
  constructor({ pinning, nodeOptions = [], file, args = [], env = {} }: ChildOptions) {
    const [command, ...rest] = [...pinning, process.execPath, ...nodeOptions, file, ...args] as [string, ...string[]];
    const options = { env: { PATH: process.env['PATH'], ...env } };
    this.#process = spawn(command, rest, { ...options, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    this.#failed = once(this.#process, 'exit').then(([code, signal]) => {
      throw new Error(`${file} ended with ${signal ?? code}`);
    });
    // It ends sometime; that is an error only for whoever waits for a word from it.
    this.#failed.catch(() => undefined);
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  /** The first line that it prints. */
  async line(): Promise<string> {
    const lines = createInterface({ input: this.#process.stdout as Readable });
    const [line] = (await Promise.race([once(lines, 'line'), this.#failed])) as [string];
    return line;
  }

  /** Sends a message and waits for the next one. */
  async ask<Question extends object, Answer>(question: Question): Promise<Answer> {
    const answered = once(this.#process, 'message');
    this.#process.send(question);
    const [answer] = (await Promise.race([answered, this.#failed])) as [Answer];
    return answer;
  }

  /** Asks it to end and waits until it has. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    const limit = setTimeout(() => this.#process.kill('SIGKILL'), END_LIMIT_MS);
    this.#process.kill('SIGTERM');
    await ended;
    clearTimeout(limit);
  }
}
