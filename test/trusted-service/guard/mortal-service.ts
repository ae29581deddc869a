/** The program in a process of its own, which a disk can fail, and which can be killed in the middle of a write. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { TrustedServiceClient } from '../../../shared/http-client.ts';
import { authorityName } from '../../../shared/pki/trust-anchors.ts';
import { type Certificate, verifyRoot } from '../../../shared/pki/verify-certificate.ts';
import type { ServiceOfParticipant } from '../test-participant.ts';
import { OPERATOR_TOKEN } from '../test-service.ts';

const SCRIPT = new URL('../run-main.ts', import.meta.url).pathname;

/** Killed at the `nth` call of this one, before it does anything. */
export interface Death {
  readonly call: string;
  readonly nth: number;
}

/** Whether processes can be traced here. */
export const CAN_TRACE: boolean = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
/** Whether a limit of another process can be set here. */
export const CAN_LIMIT: boolean = spawnSync('prlimit', ['--version']).status === 0;

export class MortalService implements ServiceOfParticipant {
  readonly url: string;
  readonly root: Certificate;
  readonly client: TrustedServiceClient;
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  #killed: Promise<void> | undefined;

  private constructor(child: ChildProcess, exit: Promise<unknown>, url: string, rootFile: string) {
    this.#child = child;
    this.#exit = exit;
    this.url = url;
    this.root = verifyRoot(readFileSync(rootFile, 'utf8'));
    this.client = new TrustedServiceClient({ baseUrl: url, root: this.root, operatorToken: OPERATOR_TOKEN });
  }

  /** Resolves when it listens; with nothing if it died before. */
  static async start(home: string, death?: Death): Promise<MortalService | undefined> {
    const env = {
      PATH: process.env['PATH'],
      GAVEL_HOME: home,
      GAVEL_TRUSTED_SERVICE_PORT: '0',
      GAVEL_TRUSTED_SERVICE_TLS: 'off',
      GAVEL_OPERATOR_TOKEN: OPERATOR_TOKEN,
    };
    const node = [process.execPath, SCRIPT];
    const [program = '', ...args] = death === undefined ? node : [...traced(death), ...node];
    // A group of its own: who traces, and who is traced, end together.
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    const exit = once(child, 'exit');
    const listening = once(createInterface(child.stdout), 'line').then(([line]) => JSON.parse(line as string));
    const ready = (await Promise.race([listening, exit.then(() => undefined)])) as Ready | undefined;
    return ready === undefined ? undefined : new MortalService(child, exit, ready.listening, ready.rootFile);
  }

  get authority(): string {
    return authorityName(this.root);
  }

  get machine(): { readonly time: number } {
    return { time: Date.now() };
  }

  /** From now on no file may grow beyond this. */
  limitFiles(bytes: number | 'unlimited'): void {
    execFileSync('prlimit', ['--pid', String(this.#child.pid), `--fsize=${bytes}:unlimited`]);
  }

  /** Resolves when the process is gone. */
  async gone(): Promise<void> {
    await this.#exit;
  }

  /** Ends it with SIGKILL, if it lives. A second time does nothing. */
  kill(): Promise<void> {
    this.#killed ??= this.#kill();
    return this.#killed;
  }

  async #kill(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
    await this.#exit;
    await this.client.close();
  }
}

interface Ready {
  readonly listening: string;
  readonly rootFile: string;
}

function traced({ call, nth }: Death): string[] {
  return ['strace', '-f', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${nth}`];
}
