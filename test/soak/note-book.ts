/** Where a process of a soak writes its notes: it can be killed at any moment. */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Note } from '../../bench/workload/notes.ts';

/** Each line is on disk before anything else happens: a process that is killed has said everything that it knew. */
export class NoteBook {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'ax', 0o600);
  }

  write(note: Note): void {
    writeSync(this.#file, `${JSON.stringify(note)}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}
