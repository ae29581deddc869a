/** What an audit found, in the words of the two readers: a table for people, JSON lines for programs. */
import { encodeBase64url } from '../../shared/bytes.ts';
import type { Amount, Currency } from '../../shared/wire/vocabulary.ts';
import { formatAmount } from '../commands/currency.ts';
import { formatJsonLine } from '../line/json-line.ts';
import { printableLine } from '../store/printable.ts';
import type { AuditReport } from './audit-journal.ts';
import type { AuditedLot } from './audited-lot.ts';
import { AUDIT_RULES, type Finding } from './finding.ts';

/** One lot, for programs. */
export interface LotRow {
  readonly lot: string;
  readonly number: number;
  readonly title: string;
  readonly currency: string;
  /** `due`: its closing has passed, and it was not closed yet. */
  readonly outcome: 'sold' | 'unsold' | 'open' | 'due';
  readonly hammerPrice?: number;
  /** Of the winning bid. */
  readonly pseudonym?: string;
  readonly bids: number;
  /** The effective closing. */
  readonly closesAt: number;
  /** The signed time of the closing. */
  readonly closedAt?: number;
}

export function lotRow(lot: AuditedLot, time: number): LotRow {
  const { closed, closesAt } = lot;
  const { title, currency } = lot.terms;
  return {
    ...{ lot: lot.lot, number: lot.number, title: printableLine(title), currency },
    outcome: closed?.outcome ?? (closesAt <= time ? 'due' : 'open'),
    ...(closed?.hammerPrice !== undefined && { hammerPrice: closed.hammerPrice }),
    ...(closed?.pseudonym !== undefined && { pseudonym: closed.pseudonym }),
    ...{ bids: lot.bids, closesAt },
    ...(closed && { closedAt: closed.at }),
  };
}

/** What no public byte can show, so that nobody takes silence for proof. */
export const UNSEEN =
  'Public records can not show who bid, when a bid arrived, or what was refused: a receipt shows its own bid, and the parties of a sale hold the rest.';

/** A line for each lot, one for what does not hold, and one at the end. */
export function* jsonLines(report: AuditReport, facts: object = {}): Generator<string> {
  const { checkpoint, witnessed, lots, shown, finding } = report;
  const time = checkpoint?.time ?? 0;
  const simulated = lots.some(({ listed }) => listed.clock === 'simulated');
  const line = (type: string, data: object) => `${formatJsonLine({ type, data }, { at: time, simulated })}\n`;
  for (const lot of lots) yield line('lot', lotRow(lot, time));
  if (finding !== undefined) yield line('finding', { ...finding, advice: AUDIT_RULES[finding.rule] });
  yield line('verdict', {
    holds: finding === undefined,
    records: shown,
    lots: lots.length,
    ...(checkpoint && { house: checkpoint.house, size: checkpoint.size, time }),
    ...(checkpoint && { root: encodeBase64url(checkpoint.root) }),
    ...(witnessed && { witnessed: { size: witnessed.size, time: witnessed.time } }),
    ...facts,
  });
}

const HEADINGS = ['lot', 'title', 'outcome', 'price', 'bids', 'closed at'];
const MAX_TITLE = 32;

/** A table, then what was found in sentences. */
export function* plainLines(report: AuditReport): Generator<string> {
  const { checkpoint, lots, finding } = report;
  if (lots.length > 0) yield* table(lots.map((lot) => cells(lotRow(lot, checkpoint?.time ?? 0), finding)));
  if (finding !== undefined) yield `${findingSentence(finding)}\n`;
  if (checkpoint !== undefined) yield `${verdict(report)}\n`;
  if (finding === undefined) yield `${UNSEEN}\n`;
}

/** What does not hold, in one sentence that begins with the record. */
export function findingSentence({ rule, position, lot, detail }: Finding): string {
  const what = position === undefined ? 'The journal' : `Record ${position}`;
  const where = lot === undefined ? '' : ` of lot ${lot}`;
  const more = detail === undefined ? '' : ` (${printableLine(detail)})`;
  return `${what}${where} does not hold: ${rule}. ${AUDIT_RULES[rule]}${more}`;
}

function verdict({ checkpoint, witnessed, shown, lots, finding }: AuditReport): string {
  if (checkpoint === undefined) return '';
  const { house, size, root, time } = checkpoint;
  const simulated = lots.some(({ listed }) => listed.clock === 'simulated') ? ', on a simulated clock' : '';
  const hidden = shown < size ? `; ${size - shown} more nobody may know yet` : '';
  const witness =
    witnessed === undefined
      ? 'not witnessed'
      : `the first ${witnessed.size} witnessed at ${new Date(witnessed.time).toISOString()}`;
  const holds = finding === undefined ? `All ${shown} records hold` : `${shown} records were shown`;
  const hex = encodeBase64url(root);
  return `${holds}${hidden}. House ${house} signed ${size} records with root ${hex} at ${new Date(time).toISOString()}${simulated}; ${witness}.`;
}

function cells(row: LotRow, finding: Finding | undefined): string[] {
  const { number, title, currency, outcome, hammerPrice, bids, closesAt, closedAt } = row;
  const price =
    hammerPrice === undefined ? '–' : `${formatAmount(hammerPrice as Amount, currency as Currency)} ${currency}`;
  const letters = [...title];
  const short = letters.length > MAX_TITLE ? `${letters.slice(0, MAX_TITLE - 1).join('')}…` : title;
  const end = closedAt === undefined ? `closes ${isoTime(closesAt)}` : isoTime(closedAt);
  const word = finding?.lot === row.lot ? 'DOES NOT HOLD' : outcome;
  return [`${number}`, short, word, price, `${bids}`, end];
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}

function* table(rows: readonly string[][]): Generator<string> {
  const all = [HEADINGS, ...rows];
  const widths = HEADINGS.map((_, column) => Math.max(...all.map((row) => [...(row[column] ?? '')].length)));
  for (const row of all) {
    const padded = row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - [...cell].length));
    yield `${padded.join('  ').trimEnd()}\n`;
  }
}
