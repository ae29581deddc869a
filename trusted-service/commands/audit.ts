/** `gavel audit`: prints the audit journal of a state folder and verifies it, also while the service runs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import envPaths from 'env-paths';
import { type CommandIo, type CommandOption, complain, EXIT } from '../../shared/command-io.ts';
import { StartError } from '../../shared/start-error.ts';
import { type AuditHead, BrokenChain, EMPTY_HEAD, formatHead, parseHead, verifyRows } from '../audit/audit-chain.ts';
import { formatEvent } from '../audit/format-event.ts';
import { stateFolder } from '../config.ts';
import { readAuditRows } from '../store/audit-records.ts';
import { STORE_FILE } from '../store/store.ts';

/** As they were typed. */
export interface AuditOptions {
  readonly home?: string;
  readonly json?: boolean;
  /** What an earlier run printed at its end. */
  readonly expectHead?: string;
}

export const AUDIT_OPTIONS: readonly CommandOption[] = [
  { flags: '--home <folder>', help: 'the folder of all state', variable: 'GAVEL_HOME' },
  { flags: '--json', help: 'JSON lines, on a terminal too' },
  { flags: '--expect-head <head>', help: 'a head that was noted before: the journal must still begin with it' },
];

/** The service may be writing its write-ahead log anew. */
const BUSY_TIMEOUT_MS = 5_000;
/** SQLITE_CORRUPT, SQLITE_NOTADB. */
const DAMAGED: readonly unknown[] = [11, 26];

/**
 * Prints every event up to the first that does not hold. Resolves with the exit code: 6 if there is one, or if the
 * journal is not the one whose head was noted.
 */
export async function runAudit(options: AuditOptions, io: CommandIo): Promise<number> {
  try {
    const noted = readNoted(options.expectHead);
    const database = openForReading(options.home ?? (io.env['GAVEL_HOME'] || undefined));
    try {
      return await printJournal(database, noted, io, options.json === true || io.stdout.isTTY !== true);
    } finally {
      database.close();
    }
  } catch (error) {
    // Who reads our output has heard enough; what they did not hear was not verified.
    if (hasCode(error, 'EPIPE')) return EXIT.failure;
    if (isDamage(error)) {
      io.stderr.write('The state is damaged, and its audit journal with it: restore it from a backup.\n');
      return EXIT.untrusted;
    }
    return complain(error, io);
  }
}

async function printJournal(
  database: DatabaseSync,
  noted: AuditHead | undefined,
  io: CommandIo,
  json: boolean,
): Promise<number> {
  let head = EMPTY_HEAD;
  let broken: BrokenChain | undefined;
  function* lines(): Generator<string> {
    try {
      for (const row of verifyRows(readAuditRows(database), noted)) {
        head = row.head;
        yield `${formatEvent(row, json)}\n`;
      }
      yield json
        ? `${JSON.stringify({ head: formatHead(head) })}\n`
        : `${head.number} events. Head: ${formatHead(head)}\n`;
    } catch (error) {
      // The lines before are still to be printed; then it is said.
      if (!(error instanceof BrokenChain)) throw error;
      broken = error;
    }
  }
  await pipeline(Readable.from(lines()), io.stdout, { end: false });
  if (broken === undefined) return EXIT.done;
  io.stderr.write(`The audit journal does not hold: ${broken.message}. What holds ends with ${formatHead(head)}.\n`);
  return EXIT.untrusted;
}

function readNoted(text: string | undefined): AuditHead | undefined {
  if (text === undefined) return undefined;
  const noted = parseHead(text);
  if (noted === undefined) throw new StartError('--expect-head must be a head as this command prints it, number:hash.');
  return noted;
}

function openForReading(home: string | undefined): DatabaseSync {
  const path = join(stateFolder(home ?? envPaths('gavel', { suffix: '' }).data), STORE_FILE);
  if (!existsSync(path)) throw new StartError(`There is no state at ${path}; give the folder with --home.`);
  const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'audit_journal'").get();
    if (table === undefined) throw new StartError('This state is of an older version: start the service once.');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function isDamage(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && DAMAGED.includes(error.errcode);
}
