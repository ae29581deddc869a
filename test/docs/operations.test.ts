/** docs/OPERATIONS.md, compared with the options, variables, exit codes and files of the programs. */
import { describe, expect, it } from 'vitest';
import { STRATEGIES } from '../../client/bots/strategies.ts';
import { BOT_OPTIONS, CLIENT_OPTIONS } from '../../client/config.ts';
import { EXIT } from '../../client/exit-codes.ts';
import { DMS_SETTINGS } from '../../dms/config.ts';
import { REFUSAL_CODES } from '../../shared/errors.ts';
import { START_OPTIONS } from '../../start/options.ts';
import { ROOT_OPTIONS } from '../../trusted-service/commands/root.ts';
import { ROTATE_OPTIONS } from '../../trusted-service/commands/rotate.ts';
import { TRUSTED_SERVICE_SETTINGS } from '../../trusted-service/config.ts';
import { plain, readDocument } from './read-document.ts';

const operations = readDocument('OPERATIONS.md');

interface Option {
  readonly flags?: string;
  readonly variable?: string;
  readonly default?: string;
}

const PROGRAMS: Readonly<Record<string, readonly Option[]>> = {
  rotate: ROTATE_OPTIONS,
  root: ROOT_OPTIONS,
  'trusted-service': Object.values(TRUSTED_SERVICE_SETTINGS),
  dms: Object.values(DMS_SETTINGS),
  client: CLIENT_OPTIONS,
  bot: BOT_OPTIONS,
  start: START_OPTIONS,
};

describe('docs/OPERATIONS.md', () => {
  it.each(Object.keys(PROGRAMS))('has every option and variable of gavel %s, and no other', (name) => {
    const told = operations.rows(`### gavel ${name}`).map((row) => row.slice(0, 3).map(plain));
    const expected = PROGRAMS[name]?.map((option) => [option.flags, option.variable, option.default]);
    expect(told).toEqual(expected);
  });

  it('has every strategy of the bots', () => {
    for (const name of STRATEGIES.keys()) expect(operations.text).toContain(`\`${name}\``);
  });

  it('has every exit code of the client', () => {
    const codes = operations.rows('## 3. Start-up line, logs, signals, exit codes').map(([code]) => Number(code));
    // The table of the servers comes first.
    expect(codes.slice(3)).toEqual(Object.values(EXIT));
  });

  it('speaks of codes that there are', () => {
    const told = operations
      .rows('## 6. When something is said')
      .flatMap(([codes = '']) => codes.split(', ').map(plain));
    expect(told.filter((code) => !(REFUSAL_CODES as readonly (string | undefined)[]).includes(code))).toEqual([]);
  });
});
