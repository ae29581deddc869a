/** What can be said after `gavel start`. */

export interface StartOptions {
  /** Leave the state folder where it is when the evening is over. */
  readonly keep?: boolean;
  readonly username?: string;
  /** Plain text, whatever the terminal. */
  readonly plain?: boolean;
}

/** The options of `gavel start`. */
export const START_OPTIONS = [
  { flags: '--keep', help: 'leave the state of this run on disk, and say where' },
  { flags: '--username <name>', help: 'your name, on a terminal', variable: 'GAVEL_USERNAME' },
  { flags: '--plain', help: 'plain text on a terminal, in place of the screen' },
] as const;
