/** What /help and --help print, made from the table of commands. */
import { COMMANDS, type CommandName, type CommandOption, type CommandSpec } from './command-table.ts';

/** One line for every command, or everything about one. */
export function helpText(name?: CommandName): string {
  if (name === undefined) return overview();
  const command = COMMANDS.find((candidate) => candidate.name === name);
  return command === undefined ? overview() : details(command);
}

/** `/bid LOT AMOUNT [--repeat ID]` */
export function usageOf(command: CommandSpec): string {
  const parameters = command.parameters.map((parameter) => {
    const word = parameter.name.toUpperCase();
    return parameter.optional === true ? `[${word}]` : word;
  });
  const options = command.options.map((option) => `[${optionUsage(option)}]`);
  return [`/${command.name}`, ...parameters, ...options].join(' ');
}

function optionUsage({ name, value }: CommandOption): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

function overview(): string {
  const rows = COMMANDS.map((command): [string, string] => [shortUsage(command), command.summary]);
  return [...columns(rows), 'Type /help and a name for all about one command.'].join('\n');
}

function shortUsage(command: CommandSpec): string {
  return usageOf({ ...command, options: [] });
}

function details(command: CommandSpec): string {
  const rows = [
    ...command.parameters.map((parameter): [string, string] => [parameter.name.toUpperCase(), parameter.help]),
    ...command.options.map((option): [string, string] => [optionUsage(option), option.help]),
  ];
  const examples = command.examples.map((example) => `  ${example}`);
  return [`${usageOf(command)}: ${command.summary}`, ...columns(rows), 'For example:', ...examples].join('\n');
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
