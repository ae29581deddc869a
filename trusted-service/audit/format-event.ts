/** An event of the audit journal as one line, for a program or for a person. */
import type { VerifiedRow } from './audit-chain.ts';

/** Control, format, private and unassigned characters, line and paragraph separators: what could paint a terminal. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;
const TYPE_WIDTH = 19;
const NUMBER_WIDTH = 6;
const TIME_WIDTH = 24;

/** JSON: the event and its hash in hexadecimal. Else number, time, kind, and what else there is. */
export function formatEvent({ event, head }: VerifiedRow, json: boolean): string {
  if (json) return JSON.stringify({ ...event, hash: Buffer.from(head.hash).toString('hex') });
  const { number, at, type, ...rest } = event;
  const details = Object.entries(rest).map(([name, value]) => `${name}=${textOf(value)}`);
  const cells = [
    String(number).padStart(NUMBER_WIDTH),
    timeOf(at).padEnd(TIME_WIDTH),
    textOf(type).padEnd(TYPE_WIDTH),
    ...details,
  ];
  return cells.join(' ').replaceAll(UNPRINTABLE, '\ufffd');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A chain that somebody else made may hold anything. */
function timeOf(at: unknown): string {
  const time = new Date(typeof at === 'number' ? at : Number.NaN);
  return Number.isNaN(time.getTime()) ? '?' : time.toISOString();
}
