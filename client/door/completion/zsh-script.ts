/** Completion for zsh, from a file on its fpath or sourced. */
import { COMMAND_LINES, type DescribedOption, type DescribedProgram } from './described-program.ts';

export function zshScript(programs: readonly DescribedProgram[]): string {
  return `#compdef gavel
# gavel: completion for zsh, made by \`gavel completion zsh\`.
_gavel_lines() {
  local -a lines
  lines=(
${COMMAND_LINES.map(({ line, summary }) => `    ${quoted(`${line}:${summary}`)}`).join('\n')}
  )
  _describe 'line for the client' lines
}
_gavel() {
  local -a programs
  programs=(
${programs.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe 'program' programs
    return
  fi
  shift words
  ((CURRENT--))
  case $words[1] in
${programs.map(caseOf).join('\n')}
  esac
}
if [[ $funcstack[1] == _gavel ]]; then
  _gavel "$@"
else
  compdef _gavel gavel
fi
`;
}

function caseOf({ name, options, words }: DescribedProgram): string {
  const takesLines = options.some(({ value }) => value === 'command-lines');
  const rest = takesLines ? [quoted('*:line:_gavel_lines')] : [];
  const first = words.length > 0 ? [quoted(`1:word:(${words.join(' ')})`)] : [];
  const specs = [...options.map(specOf), quoted('--help[display help]'), ...first, ...rest];
  return `    ${name})\n      _arguments \\\n        ${specs.join(' \\\n        ')}\n      ;;`;
}

const ACTIONS = { none: '', path: ':path:_files', text: ':value: ', 'command-lines': ':line:_gavel_lines' } as const;

/** As `'(-c --command)'{-c,--command}'[help]:line:…'`. */
function specOf({ names, value, help }: DescribedOption): string {
  const what = quoted(`[${help.replaceAll(/[[\]:\\]/g, '\\$&')}]${ACTIONS[value]}`);
  const [only] = names;
  return names.length === 1 ? `${only}${what}` : `${quoted(`(${names.join(' ')})`)}{${names.join(',')}}${what}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
