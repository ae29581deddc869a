/** Which engine the operator has chosen, made and not yet opened. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { HouseId } from '../../shared/wire/vocabulary.ts';
import type { DmsConfig } from '../config.ts';
import type { Log } from '../log.ts';
import type { Journal } from './journal.ts';
import { PostgresJournal } from './postgres-journal.ts';
import { redactPostgresUrl } from './postgres-url.ts';
import { SqliteJournal } from './sqlite-journal.ts';

/** A new journal becomes that of a new house. The node's own anchor of a shared journal is in its state folder. */
export function createJournal({ journal, folder }: Pick<DmsConfig, 'journal' | 'folder'>, log: Log): Journal {
  const newHouse = HouseId.parse(randomUUID());
  if (journal.kind === 'sqlite') return new SqliteJournal({ file: journal.file, newHouse });
  const place = redactPostgresUrl(journal.url);
  return new PostgresJournal({
    url: journal.url,
    newHouse,
    anchorFile: join(folder, 'journal.anchor'),
    onChange: (trouble) => {
      if (trouble === undefined) log.info({ event: 'journal-reached', place }, 'the journal is reached');
      else log.warn({ event: 'journal-away', place, detail: trouble }, 'the journal is not reached; it is tried again');
    },
  });
}
