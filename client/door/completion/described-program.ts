/** The command line as a shell has to know it, told by the same declarations that --help prints. */
import { COMMANDS } from '../../commands/command-table.ts';

/** What follows an option: nothing, a path, something that no shell can guess, or lines for the client. */
export type Value = 'none' | 'path' | 'text' | 'command-lines';

export interface DescribedOption {
  /** `--json`, and the short form before it where there is one. */
  readonly names: readonly string[];
  readonly value: Value;
  readonly help: string;
}

export interface DescribedProgram {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly DescribedOption[];
  /** What may stand behind its name. */
  readonly words: readonly string[];
}

/** The lines that a client takes, with what each does. */
export const COMMAND_LINES: readonly { readonly line: string; readonly summary: string }[] = COMMANDS.map(
  ({ name, summary }) => ({ line: `/${name}`, summary }),
);

/** From an option as it is declared: `-c, --command <command...>`. */
export function describeOption(flags: string, help: string): DescribedOption {
  const names = Array.from(flags.matchAll(/(?<![\w-])--?[a-z][\w-]*/g), ([name]) => name);
  const value = /[<[](.+)[>\]]/.exec(flags)?.[1];
  return { names, value: kindOf(value), help: help.replaceAll(/\s+/g, ' ') };
}

function kindOf(value: string | undefined): Value {
  if (value === undefined) return 'none';
  if (value === 'command...') return 'command-lines';
  return /^(file|folder)\b/.test(value) ? 'path' : 'text';
}
