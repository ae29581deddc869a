/** `gavel completion`: the script that teaches a shell the words, the options and, after `-c`, the client's commands. */
import { bashScript } from './bash-script.ts';
import type { DescribedProgram } from './described-program.ts';
import { fishScript } from './fish-script.ts';
import { zshScript } from './zsh-script.ts';

const SCRIPTS: Readonly<Record<string, (programs: readonly DescribedProgram[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** The shells that are known. */
export const SHELLS: readonly string[] = Object.keys(SCRIPTS);

/** `undefined` for a shell that is not known. */
export function completionScript(shell: string, programs: readonly DescribedProgram[]): string | undefined {
  return SCRIPTS[shell]?.(programs);
}
