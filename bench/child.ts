/** A process of the bench: started on its cores, spoken with, ended with the bench. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Environment } from './bench.ts';
import type { Pinning } from './cores.ts';

export interface ChildOptions {
  readonly pinning: Pinning;
  /** What runs the file; absent: this Node. */
  readonly runtime?: string;
  /** Options of Node's own. */
  readonly nodeOptions?: readonly string[];
  readonly file: string;
  readonly args?: readonly string[];
  /** All of its environment; absent: ours. */
  readonly env?: Environment;
  /** Its standard error is told only if it fails; otherwise it is ours. */
  readonly isQuiet?: boolean;
  /** Ends it when the bench is interrupted. */
  readonly signal: AbortSignal;
}

/** It ends within this after it was asked to; then it is killed. */
const END_LIMIT_MS = 12_000;
/** What is told of a quiet one that failed. */
const LAST_CHARACTERS = 2_000;

export class Child {
  readonly #running: ChildProcess;
  readonly #failed: Promise<never>;
  #said = '';

  constructor({ pinning, runtime, nodeOptions = [], file, args = [], env, isQuiet = false, signal }: ChildOptions) {
    const run = [...pinning, runtime ?? process.execPath, ...nodeOptions, file, ...args];
    const [command, ...rest] = run as [string, ...string[]];
    const stdio: StdioOptions = ['ignore', 'pipe', isQuiet ? 'pipe' : 'inherit', 'ipc'];
    this.#running = spawn(command, rest, { signal, stdio, ...(env && { env }) });
    this.#running.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = `${this.#said}${text}`.slice(-LAST_CHARACTERS);
    });
    this.#failed = once(this.#running, 'exit').then(([code, by]) => {
      throw new Error(`${file} ended with ${by ?? code}: ${this.#said}`);
    });
    // It ends sometime; that is an error only for whoever waits for a word from it. So is an interruption.
    this.#failed.catch(() => undefined);
    this.#running.on('error', () => undefined);
  }

  get pid(): number {
    return this.#running.pid as number;
  }

  /** The first line that it prints. */
  async line(): Promise<string> {
    const lines = createInterface({ input: this.#running.stdout as Readable });
    const [line] = (await Promise.race([once(lines, 'line'), this.#failed])) as [string];
    return line;
  }

  /** Sends a message and waits for the next one. */
  async ask<Question extends object, Answer>(question: Question): Promise<Answer> {
    const answered = once(this.#running, 'message');
    this.#running.send(question);
    const [answer] = (await Promise.race([answered, this.#failed])) as [Answer];
    return answer;
  }

  /** Sends a message to which nobody here waits for an answer. */
  tell(message: object): void {
    this.#running.send(message);
  }

  /** Hears all that it says from now on. */
  hear(listener: (message: unknown) => void): void {
    this.#running.on('message', listener);
  }

  /** Rejects if it ends before it is asked to. */
  get failed(): Promise<never> {
    return this.#failed;
  }

  /** Asks it to end and waits until it has. */
  async stop(): Promise<void> {
    if (this.#running.exitCode !== null || this.#running.signalCode !== null) return;
    const ended = once(this.#running, 'exit');
    const limit = setTimeout(() => this.#running.kill('SIGKILL'), END_LIMIT_MS);
    this.#running.kill('SIGTERM');
    await ended;
    clearTimeout(limit);
  }
}
