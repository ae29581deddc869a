/** A DMS in a process of its own, started as an operator starts it: one that can be killed, and whose memory can be looked at. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { OPERATOR_TOKEN } from './house-servers.ts';
import type { RunningHouse } from './running-house.ts';
import { soon, until } from './until.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
/** Strings are cut in a snapshot, unless it is told not to. */
const WHOLE_STRINGS = '--heap-snapshot-string-limit=1000000';
const SNAPSHOT_SIGNAL = 'SIGUSR2';

/** What a node has of its own, where a house has several. */
interface Settings {
  readonly home?: string;
  readonly port?: number;
  readonly journal?: string;
}

export class DmsProcess {
  readonly #child: ChildProcess;
  readonly #home: string;
  /** What it said at its start to be. */
  house: string | undefined;
  #stderr = '';

  private constructor(child: ChildProcess, home: string) {
    this.#child = child;
    this.#home = home;
    child.stderr?.on('data', (chunk) => {
      this.#stderr += chunk;
    });
  }

  /** Starts the DMS of this house, and comes back when it listens. */
  static async start(house: RunningHouse, changes: Settings = {}): Promise<DmsProcess> {
    const started = DmsProcess.launch(house, changes);
    const line = await soon('the line of a DMS that listens', started.firstLine());
    if (line === undefined) throw new Error(`the DMS did not start: ${started.log}`);
    house.adopt(JSON.parse(line).house);
    started.house = JSON.parse(line).house;
    return started;
  }

  /** Starts it, and does not wait. */
  static launch(house: RunningHouse, { journal, ...changes }: Settings = {}): DmsProcess {
    const settings: Record<string, unknown> = { ...house.dmsSettings(), ...changes };
    const { home, port, clock, trustedServiceUrl, root } = settings;
    const env = {
      PATH: process.env['PATH'],
      GAVEL_HOME: String(home),
      GAVEL_DMS_PORT: String(port),
      GAVEL_CLOCK: String(clock),
      GAVEL_TRUSTED_SERVICE_URL: String(trustedServiceUrl),
      GAVEL_ROOT: String(root),
      GAVEL_OPERATOR_TOKEN: OPERATOR_TOKEN,
      ...(journal === undefined ? {} : { GAVEL_JOURNAL: journal }),
    };
    const snapshots = [`--heapsnapshot-signal=${SNAPSHOT_SIGNAL}`, `--diagnostic-dir=${house.home}`, WHOLE_STRINGS];
    const child = spawn(process.execPath, [...snapshots, 'gavel.mjs', 'dms'], {
      cwd: PROJECT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new DmsProcess(child, house.home);
  }

  /** What it prints first; `undefined` if it ends without a word. */
  async firstLine(): Promise<string | undefined> {
    for await (const line of createInterface(this.#child.stdout!)) return line;
    return undefined;
  }

  /** What it has logged. */
  get log(): string {
    return this.#stderr;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Resolves with the exit code when it has ended by itself. */
  async end(): Promise<number | null> {
    if (!this.hasEnded) await soon('the end of a DMS', once(this.#child, 'exit'));
    return this.#child.exitCode;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Everything in its memory, as the text of a heap snapshot. */
  async memory(): Promise<string> {
    const snapshots = () => readdirSync(this.#home).filter((name) => name.endsWith('.heapsnapshot'));
    const before = new Set(snapshots());
    this.#child.kill(SNAPSHOT_SIGNAL);
    return until('a whole heap snapshot', () => {
      const [name] = snapshots().filter((one) => !before.has(one));
      if (name === undefined) return undefined;
      const text = readFileSync(join(this.#home, name), 'utf8');
      if (!text.trimEnd().endsWith('}')) return undefined;
      rmSync(join(this.#home, name));
      return text;
    });
  }

  /** As a loss of power would, for this process. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** As an operator would. Resolves with the exit code. */
  async stop(): Promise<number | null> {
    await this.#end('SIGTERM');
    return this.#child.exitCode;
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await soon('the end of a DMS', ended);
  }
}
