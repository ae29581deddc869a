/** What is typed in one run, kept for the next: line after line, in the background. */
import { loadHistory, saveHistory } from './history-file.ts';

export class TypedHistory {
  readonly #failed: (error: unknown) => void;
  #directory: string | undefined;
  #lines: string[] = [];
  #saving: Promise<void> = Promise.resolve();

  /** `failed` hears of a home that can't be written. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** The lines of earlier runs, the newest last; lines from now on are kept there. Throws `home-too-open` and `home-unreadable`. */
  async open(directory: string): Promise<readonly string[]> {
    const lines = await loadHistory(directory);
    this.#lines = [...lines, ...this.#lines];
    this.#directory = directory;
    return lines;
  }

  remember(line: string): void {
    this.#lines.push(line);
    const directory = this.#directory;
    if (directory === undefined) return;
    this.#saving = this.#saving.then(() => saveHistory(directory, this.#lines)).catch(this.#failed);
  }

  /** Resolves when everything is on disk that can be. */
  close(): Promise<void> {
    return this.#saving;
  }
}
