/** docs/OPERATIONS.md, compared with the options, variables, exit codes and files of the programs. */
import { describe, expect, it } from 'vitest';
import { EXPORT_OPTIONS, VERIFY_OPTIONS } from '../../client/audit/options.ts';
import { BOT_OPTIONS, LIST_OPTION } from '../../client/bots/bot-options.ts';
import { BOT_WORDS } from '../../client/bots/bot-words.ts';
import { EXIT } from '../../client/exit-codes.ts';
import { CLIENT_OPTIONS, DOCTOR_OPTIONS } from '../../client/options.ts';
import { DMS_BACKUP_OPTIONS } from '../../dms/commands/dms-backup.ts';
import { DMS_RESTORE_OPTIONS } from '../../dms/commands/dms-restore.ts';
import { DMS_SETTINGS } from '../../dms/config.ts';
import { REFUSAL_CODES } from '../../shared/errors.ts';
import { CHECK_CONFIG, fileVariable } from '../../shared/settings.ts';
import { START_OPTIONS } from '../../start/options.ts';
import { AUDIT_OPTIONS } from '../../trusted-service/commands/audit.ts';
import { BACKUP_OPTIONS } from '../../trusted-service/commands/backup.ts';
import { INVITE_OPTIONS } from '../../trusted-service/commands/invite.ts';
import { RESTORE_OPTIONS } from '../../trusted-service/commands/restore.ts';
import { ROOT_OPTIONS } from '../../trusted-service/commands/root.ts';
import { ROTATE_OPTIONS } from '../../trusted-service/commands/rotate.ts';
import { TRUSTED_SERVICE_SETTINGS } from '../../trusted-service/config.ts';
import { Metrics } from '../../trusted-service/metrics/metrics.ts';
import { plain, readDocument } from './read-document.ts';

const operations = readDocument('OPERATIONS.md');

interface Option {
  readonly flags?: string;
  readonly variable?: string;
  readonly default?: string;
  readonly secret?: true;
}

/** As the table has them: a secret has a second row, for its file. */
function rowsOf({ flags, variable, default: preset, secret }: Option): (string | undefined)[][] {
  const row = [flags, variable, preset];
  return secret === true && variable !== undefined ? [row, [undefined, fileVariable(variable), undefined]] : [row];
}

const PROGRAMS: Readonly<Record<string, readonly Option[]>> = {
  'trusted-service': [...Object.values(TRUSTED_SERVICE_SETTINGS), CHECK_CONFIG],
  dms: [...Object.values(DMS_SETTINGS), CHECK_CONFIG],
  rotate: ROTATE_OPTIONS,
  root: ROOT_OPTIONS,
  client: CLIENT_OPTIONS,
  bot: [...BOT_OPTIONS, LIST_OPTION],
  doctor: DOCTOR_OPTIONS,
  invite: INVITE_OPTIONS,
  audit: AUDIT_OPTIONS,
  verify: VERIFY_OPTIONS,
  export: EXPORT_OPTIONS,
  backup: BACKUP_OPTIONS,
  restore: RESTORE_OPTIONS,
  'dms-backup': DMS_BACKUP_OPTIONS,
  'dms-restore': DMS_RESTORE_OPTIONS,
  start: START_OPTIONS,
};

describe('docs/OPERATIONS.md', () => {
  it.each(Object.keys(PROGRAMS))('has every option and variable of gavel %s, and no other', (name) => {
    const told = operations.rows(`### gavel ${name}`).map((row) => row.slice(0, 3).map(plain));
    expect(told).toEqual(PROGRAMS[name]?.flatMap(rowsOf));
  });

  it('has every strategy of the bots, with its own options', () => {
    const rows = operations.rows('### gavel bot: strategies').map((row) => row.slice(0, 3).map(plain));
    const own = (options: readonly Option[]) => options.slice(BOT_OPTIONS.length).map(({ flags }) => flags);
    expect(rows).toEqual(
      BOT_WORDS.map(({ name, summary, options }) => [name, summary, own(options).join(', ') || undefined]),
    );
  });

  it('has every exit code of the client', () => {
    const rows = operations.rows('## 3. Start-up line, logs, signals, exit codes');
    const codes = rows.map(([code]) => Number(code)).filter(Number.isInteger);
    // The table of the servers comes first.
    expect(codes.slice(3)).toEqual(Object.values(EXIT));
  });

  it('has every metric of the Trusted Service, and no other', async () => {
    const metrics = new Metrics();
    metrics.watchReadiness(() => true);
    const names = Array.from((await metrics.text()).matchAll(/^# TYPE (gavel_\w+)/gm), ([, name]) => name);
    const told = operations.rows('### 3.2 Metrics').map(([name]) => plain(name));
    expect(told.filter((name) => name?.startsWith('gavel_')).toSorted()).toEqual(names.toSorted());
  });

  it('speaks of codes that there are', () => {
    const told = operations
      .rows('## 6. When something is said')
      .flatMap(([codes = '']) => codes.split(', ').map(plain));
    expect(told.filter((code) => !(REFUSAL_CODES as readonly (string | undefined)[]).includes(code))).toEqual([]);
  });
});
