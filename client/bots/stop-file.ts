/** A file whose appearance ends a bot. */
import { lstatSync } from 'node:fs';

/** Looks for it, at once: between the look and what follows nothing else happens. */
export class StopFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** A place that can't be looked at may hold one: then the bot ends too. */
  get isThere(): boolean {
    try {
      return lstatSync(this.#path, { throwIfNoEntry: false }) !== undefined;
    } catch (error) {
      return !(error instanceof Error && 'code' in error && error.code === 'ENOTDIR');
    }
  }
}
