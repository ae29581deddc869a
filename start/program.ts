/** A server as a process of its own: started, waited for until it listens, ended with the house. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { StartFailed } from './start-failed.ts';

/** How to run `gavel`: the runtime and the command line's own file. */
export interface Launcher {
  readonly runtime: string;
  readonly file: string;
}

export interface ProgramOptions {
  readonly launcher: Launcher;
  /** The word after `gavel`. */
  readonly name: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where its log goes. */
  readonly logFile: string;
}

/** The line that a server prints when it is ready. */
export interface ReadyLine {
  readonly listening: string;
  readonly [member: string]: unknown;
}

/** Longer than the slowest start on a busy machine. */
const READY_LIMIT_MS = 30_000;
/** A server ends within this after it was asked to; then it is killed. */
const END_LIMIT_MS = 12_000;
/** What of a log is worth showing when a program did not start. */
const LAST_LINES = 5;

export class Program {
  readonly ready: ReadyLine;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, ready: ReadyLine) {
    this.#child = child;
    this.ready = ready;
  }

  /** Starts it and waits until it listens. Throws `StartFailed` with the end of its log. */
  static async start({ launcher, name, env, logFile }: ProgramOptions): Promise<Program> {
    const log = await open(logFile, 'a', 0o600);
    const child = spawn(launcher.runtime, [launcher.file, name], { env, stdio: ['ignore', 'pipe', log.fd] });
    await log.close();
    const limit = setTimeout(() => child.kill('SIGKILL'), READY_LIMIT_MS);
    try {
      return new Program(child, await firstLine(child));
    } catch (cause) {
      child.kill('SIGKILL');
      const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-LAST_LINES);
      throw new StartFailed(`gavel ${name} did not start. The end of its log:\n${lines.join('\n')}`, { cause });
    } finally {
      clearTimeout(limit);
    }
  }

  /** Asks it to end and waits until it has. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), END_LIMIT_MS);
    this.#child.kill('SIGTERM');
    await ended;
    clearTimeout(limit);
  }
}

async function firstLine(child: ChildProcess): Promise<ReadyLine> {
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new StartFailed(`it ended with ${signal ?? code}`);
  });
  const line = once(createInterface({ input: child.stdout as Readable }), 'line');
  const [text] = (await Promise.race([line, ended])) as [string];
  // Whoever waited has the line; what happens to the process later is not this promise's to say.
  ended.catch(() => undefined);
  return JSON.parse(text) as ReadyLine;
}
