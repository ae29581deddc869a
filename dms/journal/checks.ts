/**
 * The checks of a journal's file: that its pages are sound, that its records are those that were sealed, and that its
 * indexes lead to each of them and nowhere else. SQLite's own `integrity_check` does the last by a search for each record,
 * which takes several times as long as to read each index once from end to end.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { invariant } from '../../shared/invariant.ts';
import { RunningSeal, SEALED, SEALED_BYTES, sealOf } from './seals.ts';

/** The entries of each index, in its own order. */
const INDEXES = {
  ids: 'SELECT id, 0, position FROM record INDEXED BY sqlite_autoindex_record_1 ORDER BY id',
  versions: 'SELECT lot, version, position FROM record INDEXED BY sqlite_autoindex_record_2 ORDER BY lot, version',
} as const;

/** What one thread does. Records are those of the positions `from + 1` … `to`; `from` ends a sealed page. */
export type Check =
  | { readonly kind: 'pages' | 'ids' | 'versions' }
  | { readonly kind: 'records'; readonly from: number; readonly to: number };

/**
 * What it found. Entries of an index are counted up where the table has them and down where the index has them: over
 * checks that together read all of the file, all is 0. By accident, entries that differ do not sum up to 0 twice.
 */
export interface Finding {
  /** A few words about what is damaged, if anything is. */
  readonly damage?: string;
  readonly ids: Pick<Tally, 'one' | 'other'>;
  readonly versions: Pick<Tally, 'one' | 'other'>;
}

interface Tallies {
  readonly ids: Tally;
  readonly versions: Tally;
}

/** All that there is to check in a journal of `head` records, with the records in `shares` parts. */
export function checksOf(head: number, shares: number): Check[] {
  const share = Math.max(1, Math.ceil(head / SEALED / shares)) * SEALED;
  const parts = Array.from({ length: Math.ceil(head / share) }, (_, index) => index * share);
  const records = parts.map((from) => ({ kind: 'records' as const, from, to: Math.min(head, from + share) }));
  return [...records, { kind: 'pages' }, { kind: 'ids' }, { kind: 'versions' }];
}

export function runCheck(database: DatabaseSync, check: Check): Finding {
  const tallies: Tallies = { ids: new Tally(), versions: new Tally() };
  try {
    const damage = findDamage(database, check, tallies);
    return damage === undefined ? tallies : { damage, ...tallies };
  } catch (error) {
    // What can't even be read is as damaged as what is another.
    return { damage: error instanceof Error ? error.message : String(error), ...tallies };
  }
}

/** What these findings say together, if it is that something is damaged. */
export function damageIn(findings: readonly Finding[]): string | undefined {
  const told = findings.find(({ damage }) => damage !== undefined)?.damage;
  if (told !== undefined) return told;
  const [ids, versions] = [new Tally(), new Tally()];
  for (const finding of findings) {
    ids.add(finding.ids);
    versions.add(finding.versions);
  }
  const isEven = [ids, versions].every(({ one, other }) => one === 0 && other === 0);
  return isEven ? undefined : 'an index leads elsewhere than to its records';
}

function findDamage(database: DatabaseSync, check: Check, tallies: Tallies): string | undefined {
  if (check.kind === 'pages') return checkPages(database);
  return check.kind === 'records'
    ? checkRecords(database, check, tallies)
    : checkIndex(database, check.kind, tallies[check.kind]);
}

function checkPages(database: DatabaseSync): string | undefined {
  const [first] = rowsOf(database.prepare('PRAGMA quick_check(1)'));
  return first?.[0] === 'ok' ? undefined : String(first?.[0]);
}

/** Reads the table once, for the seals and for the tallies. */
function checkRecords(
  database: DatabaseSync,
  { from, to }: Extract<Check, { kind: 'records' }>,
  { ids, versions }: Tallies,
): string | undefined {
  const read = database.prepare(
    `SELECT ${SEALED_BYTES}, id, lot, version FROM record WHERE position > ? AND position <= ? ORDER BY position`,
  );
  let position = from;
  let seal = new RunningSeal(sealOf(database, from / SEALED));
  for (const [bytes, id, lot, version] of rowsOf(read, from, to)) {
    invariant(bytes instanceof Uint8Array, 'a cast to a blob gives a blob');
    position += 1;
    seal.addBytes(bytes);
    ids.count(String(id), 0, position, 1);
    versions.count(String(lot), Number(version), position, 1);
    if (position % SEALED !== 0) continue;
    const expected = sealOf(database, position / SEALED);
    if (Buffer.compare(expected, seal.digest()) !== 0)
      return `not what was written, between position ${position - SEALED + 1} and ${position}`;
    seal = new RunningSeal(expected);
  }
  return position === to ? undefined : `a record is missing between position ${from + 1} and ${to}`;
}

/** Reads an index from end to end: its order is what a search in it relies on. */
function checkIndex(database: DatabaseSync, kind: 'ids' | 'versions', tally: Tally): string | undefined {
  let [beforeKey, beforeVersion] = ['', -1];
  for (const [key, version, position] of rowsOf(database.prepare(INDEXES[kind]))) {
    const isAfter = String(key) > beforeKey || (key === beforeKey && Number(version) > beforeVersion);
    if (!isAfter) return 'an index is out of order';
    [beforeKey, beforeVersion] = [String(key), Number(version)];
    tally.count(String(key), Number(version), Number(position), -1);
  }
  return undefined;
}

/** Two sums of one index: FNV-1a in 32 bits over each entry, and the same with another prime. */
class Tally {
  one = 0;
  other = 0;

  /** Counts an entry once more, or once less. */
  count(key: string, version: number, position: number, times: 1 | -1): void {
    let [one, other] = [0x811c9dc5, 0x9e3779b9];
    for (let index = 0; index < key.length; index++) {
      const code = key.charCodeAt(index);
      one = Math.imul(one ^ code, 0x01000193);
      other = Math.imul(other ^ code, 0x85ebca6b);
    }
    for (const number of [version, position]) {
      one = Math.imul(one ^ number, 0x01000193);
      other = Math.imul(other ^ number, 0x85ebca6b);
    }
    this.add({ one: times * one, other: times * other });
  }

  add({ one, other }: { readonly one: number; readonly other: number }): void {
    this.one = (this.one + one) | 0;
    this.other = (this.other + other) | 0;
  }
}

/** Rows as arrays: there are many of them. */
function rowsOf(statement: StatementSync, ...parameters: number[]): Iterable<readonly unknown[]> {
  statement.setReturnArrays(true);
  return statement.iterate(...parameters) as Iterable<unknown> as Iterable<readonly unknown[]>;
}
