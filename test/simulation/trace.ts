/** What happened, line by line: as a digest, by which two runs of one seed are compared, and in words for who wants to read it. */
import { createHash } from 'node:crypto';

export class Trace {
  readonly #digest = createHash('sha256');
  readonly #print: ((line: string) => void) | undefined;
  readonly #moment: () => string;

  constructor(moment: () => string, print: ((line: string) => void) | undefined) {
    this.#moment = moment;
    this.#print = print;
  }

  add(what: string): void {
    const line = `${this.#moment()} ${what}`;
    this.#digest.update(`${line}\n`);
    this.#print?.(line);
  }

  digest(): string {
    return this.#digest.copy().digest('hex');
  }
}
