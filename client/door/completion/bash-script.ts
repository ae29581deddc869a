/** Completion for bash 4.4 and later. */
import { COMMAND_LINES, type DescribedProgram } from './described-program.ts';

export function bashScript(programs: readonly DescribedProgram[]): string {
  return `# gavel: completion for bash, made by \`gavel completion bash\`.
_gavel() {
  local cur=\${COMP_WORDS[COMP_CWORD]} options= paths= texts= lines= words= last= i
  COMPREPLY=()
  # An opening quote belongs to the line and not to what is meant.
  cur=\${cur#[\\"\\']}
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W ${quoted(programs.map(({ name }) => name).join(' '))} -- "$cur"))
    return
  fi
  case \${COMP_WORDS[1]} in
${programs.map(caseOf).join('\n')}
    *) return ;;
  esac
  # The option that the word may belong to: lines after it are as many as there are.
  for ((i = COMP_CWORD - 1; i > 1; i--)); do
    if [[ \${COMP_WORDS[i]} == -* ]]; then
      last=\${COMP_WORDS[i]}
      break
    fi
  done
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
  elif [[ -n $last && " $lines " == *" $last "* ]]; then
    COMPREPLY=($(compgen -W ${quoted(COMMAND_LINES.map(({ line }) => line).join(' '))} -- "$cur"))
    compopt -o nospace 2>/dev/null
  elif [[ -n $last && " $paths " == *" $last "* ]] && ((i == COMP_CWORD - 1)); then
    COMPREPLY=()
    compopt -o default 2>/dev/null
  elif [[ -n $last && " $texts " == *" $last "* ]] && ((i == COMP_CWORD - 1)); then
    return
  elif [[ -n $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  else
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
  fi
}
complete -F _gavel gavel
`;
}

function caseOf({ name, options, words }: DescribedProgram): string {
  const namesWith = (wanted: string) =>
    quoted(options.flatMap(({ names, value }) => (value === wanted ? names : [])).join(' '));
  const longNames = options.flatMap(({ names }) => names.filter((option) => option.startsWith('--')));
  const parts = [
    `options=${quoted([...longNames, '--help'].join(' '))}`,
    `paths=${namesWith('path')}`,
    `texts=${namesWith('text')}`,
    `lines=${namesWith('command-lines')}`,
    `words=${quoted(words.join(' '))}`,
  ];
  return `    ${name})\n      ${parts.join('\n      ')}\n      ;;`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
