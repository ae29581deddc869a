/** Somebody who was asked something has pressed Ctrl+C or Ctrl+D, or a signal came: its name. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly signal: string;

  constructor(signal: string) {
    super(signal);
    this.signal = signal;
  }
}
