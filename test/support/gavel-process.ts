/** The command line in processes of its own: servers that run until they are asked to end, and words that end by themselves. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { soon } from './until.ts';

export const PROJECT: string = fileURLToPath(new URL('../..', import.meta.url));
/** Several processes start at the same time, on a machine that has more to do. */
const START_PATIENCE_MS = 30_000;

export type Environment = Readonly<Record<string, string>>;

/** How a word ended. */
export interface Ending {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `gavel <args>`, from its start to its end. Nothing of the test's own environment goes with it but the path. */
export function gavel(args: readonly string[], env: Environment): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const options = { cwd: PROJECT, env: { PATH: process.env['PATH'], ...env } };
    const child = execFile(process.execPath, ['gavel.mjs', ...args], options, (error, out, err) => {
      if (error === null) resolve({ code: 0, out, err });
      else if (typeof error.code === 'number') resolve({ code: error.code, out, err });
      else reject(error);
    });
    child.stdin?.end();
  });
}

/** A server, once it listens. */
export class GavelServer {
  /** The line that it printed. */
  readonly ready: Readonly<Record<string, string>>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, ready: Readonly<Record<string, string>>) {
    this.#child = child;
    this.ready = ready;
  }

  static async start(args: readonly string[], env: Environment): Promise<GavelServer> {
    const child = spawn(process.execPath, ['gavel.mjs', ...args], {
      cwd: PROJECT,
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const [line] = await soon(`gavel ${args[0]}`, once(createInterface(child.stdout!), 'line'), START_PATIENCE_MS);
      return new GavelServer(child, JSON.parse(line));
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  /** As an operator would. Resolves with the exit code. A second time does nothing. */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await ended;
    }
    return this.#child.exitCode;
  }
}
