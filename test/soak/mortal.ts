/** A process that can be killed at any moment, and started again as it was. What ends by itself is told. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { PROJECT } from '../support/gavel-process.ts';

export interface MortalOptions {
  readonly name: string;
  /** What follows the name of the runtime. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Its standard error goes to the end of it. */
  readonly logFile: string;
  /** Called with how it ended, where nobody here has ended it. */
  readonly onGone: (how: string) => void;
}

/** It ends within this after it was asked to; then it is killed. */
const END_LIMIT_MS = 15_000;

export class Mortal {
  readonly name: string;
  /** How often it was started again. */
  restarts = -1;
  readonly #options: MortalOptions;
  #child: ChildProcess | undefined;
  #isUp = false;
  readonly #listeners: ((message: unknown) => void)[] = [];

  constructor(options: MortalOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** Since it said its first line, and until it ends. */
  get isUp(): boolean {
    return this.#isUp;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it. Resolves with its first line, `undefined` where it ended before that. */
  async start(): Promise<string | undefined> {
    const { args, env, logFile } = this.#options;
    const log = openSync(logFile, 'a', 0o600);
    const child = spawn(process.execPath, args, {
      cwd: PROJECT,
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', log, 'ipc'],
      // An interrupt at the keyboard is for the soak, which ends everything in its order.
      detached: true,
    });
    closeSync(log);
    this.#child = child;
    this.restarts += 1;
    child.once('exit', (code, signal) => this.#ended(child, signal ?? `exit code ${code}`));
    for (const listener of this.#listeners) child.on('message', listener);
    const line = await firstLine(child);
    this.#isUp = line !== undefined && this.#child === child;
    return line;
  }

  /** Hears what it says, in each of its lives. */
  on(listener: (message: unknown) => void): void {
    this.#listeners.push(listener);
  }

  /** What is sent to one that is not there is lost. Returns whether it was sent. */
  send(message: object): boolean {
    if (!this.#isUp || this.#child?.connected !== true) return false;
    // One that ends at this moment does not read it.
    this.#child.send(message, () => undefined);
    return true;
  }

  /** As a loss of power would, for this process. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** As an operator would. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Waits until it has ended, as it was told to. */
  async ended(): Promise<void> {
    await this.#end();
  }

  async #end(signal?: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    this.#isUp = false;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    const limit = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
    if (signal !== undefined) child.kill(signal);
    await ended;
    clearTimeout(limit);
  }

  #ended(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#isUp = false;
    this.#options.onGone(how);
  }
}

async function firstLine(child: ChildProcess): Promise<string | undefined> {
  for await (const line of createInterface({ input: child.stdout as Readable })) {
    // Nobody reads what follows, and it must not fill the pipe.
    child.stdout?.resume();
    return line;
  }
  return undefined;
}
