/** Completion for fish 3 and later. */
import { COMMAND_LINES, type DescribedOption, type DescribedProgram } from './described-program.ts';

export function fishScript(programs: readonly DescribedProgram[]): string {
  const lines = programs.flatMap(({ name, summary, options, words }) => {
    const here = `complete -c gavel -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
    return [
      `complete -c gavel -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
      ...options.map((option) => `${here} ${wordsOf(option)}`),
      ...(words.length === 0 ? [] : [`${here} -a ${quoted(words.join(' '))}`]),
    ];
  });
  return `# gavel: completion for fish, made by \`gavel completion fish\`.
function __gavel_lines
${COMMAND_LINES.map(({ line, summary }) => `  printf '%s\\t%s\\n' ${line} ${quoted(summary)}`).join('\n')}
end
complete -c gavel -f
${lines.join('\n')}
`;
}

const VALUES = { none: '', path: ' -r -F', text: ' -x', 'command-lines': " -x -a '(__gavel_lines)'" } as const;

function wordsOf({ names, value, help }: DescribedOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  return `${flags.join(' ')}${VALUES[value]} -d ${quoted(help)}`;
}

/** In single quotes fish reads a backslash before a quote and before a backslash alone. */
function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}
