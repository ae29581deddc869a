/** The process of those who mean harm, as the soak sees it. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HOSTILE_CONNECTIONS } from '../../client/bots/workload/sizes.ts';
import type { HostileSettings } from './messages.ts';
import { Mortal } from './mortal.ts';

const HOSTILE = fileURLToPath(new URL('./hostile.ts', import.meta.url));
const [, CONNECTIONS = 10] = HOSTILE_CONNECTIONS;

export interface HostileProcessOptions {
  readonly name: string;
  readonly logFile: string;
  readonly onGone: (how: string) => void;
  /** `notes` is the folder of its notes. */
  readonly settings: Omit<HostileSettings, 'life' | 'connections'>;
}

export class HostileProcess {
  readonly process: Mortal;
  /** The files of its notes, one for each of its lives. */
  readonly notes: string[] = [];
  readonly #options: HostileProcessOptions;

  constructor(options: HostileProcessOptions) {
    const { name, logFile, onGone } = options;
    this.#options = options;
    this.process = new Mortal({ name, args: [HOSTILE], env: {}, logFile, onGone });
  }

  async start(): Promise<void> {
    const { settings, name } = this.#options;
    await this.process.start();
    const life = String(this.process.restarts);
    const notes = join(settings.notes, `${name}-${life}.jsonl`);
    this.notes.push(notes);
    const told: HostileSettings = { ...settings, notes, life, connections: CONNECTIONS };
    this.process.send(told);
  }
}
