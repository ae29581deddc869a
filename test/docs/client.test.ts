/** docs/CLIENT.md, compared with the table of commands, the answers and the stages. */
import { describe, expect, it } from 'vitest';
import { COMMANDS, type CommandSpec } from '../../client/commands/command-table.ts';
import { usageOf } from '../../client/commands/help.ts';
import type { Facts } from '../../client/line/fact.ts';
import type { StageName } from '../../client/send-command.ts';
import { plain, readDocument } from './read-document.ts';

const client = readDocument('CLIENT.md');
const commands: readonly CommandSpec[] = COMMANDS;

/** Lists every member of a union type: one that is left out or too many does not compile. */
const namesOf = <Name extends string>(all: Record<Name, true>) => Object.keys(all);

describe('docs/CLIENT.md', () => {
  it('has every command as the table has it', () => {
    const told = client.rows('## 1. Commands').map((row) => row.map(plain));
    expect(told).toEqual(commands.map((command) => [usageOf(command), command.summary, command.examples.join('<br>')]));
  });

  it('has every word of every command', () => {
    const told = client.rows('## 2. Words of the commands').map((row) => row.map(plain));
    const expected = commands.flatMap(({ name, parameters, options }) => [
      ...parameters.map((parameter) => [`/${name}`, parameter.name.toUpperCase(), parameter.help]),
      ...options.map((option) => [`/${name}`, [`--${option.name}`, option.value ?? ''].join(' ').trim(), option.help]),
    ]);
    expect(told).toEqual(expected);
  });

  it('has every answer', () => {
    const answers = namesOf<Facts['snapshot']['of']>({
      house: true,
      allitems: true,
      myitems: true,
      mybids: true,
      watch: true,
      lot: true,
      receipt: true,
      verify: true,
      identity: true,
      caution: true,
      help: true,
    });
    expect(client.rows('## 4. Answers').map(([of]) => plain(of))).toEqual(answers);
  });

  it('has every stage', () => {
    const stages = namesOf<StageName>({
      signed: true,
      stamped: true,
      sealed: true,
      sent: true,
      answered: true,
      verified: true,
    });
    expect(client.rows('## 5. The stages of a command').map(([stage]) => plain(stage))).toEqual(stages);
  });
});
