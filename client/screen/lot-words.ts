/** How lots and instants are said in a line. */
import type { Instant } from '../../shared/wire/vocabulary.ts';
import { formatMoney } from '../commands/money.ts';
import type { LotModel } from '../store/model.ts';
import { printableLine } from '../store/printable.ts';
import { cut } from './cells.ts';
import type { Moment } from './screen-state.ts';

/** Cells of a title inside a sentence. */
export const TITLE_CELLS = 24;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export function titleOf({ terms }: Pick<LotModel, 'terms'>): string {
  return printableLine(terms.title);
}

/** `#7 Oak desk`. */
export function lotName(lot: Pick<LotModel, 'number' | 'terms'>): string {
  return `#${lot.number} ${cut(titleOf(lot), TITLE_CELLS)}`;
}

/** `14:02:55` where the reader is. */
export function clockTime(at: Instant, { zoneMs }: Moment): string {
  return new Date(at + zoneMs).toISOString().slice(11, 19);
}

/** `2026-11-21 14:02:55` where the reader is. */
export function dateTime(at: Instant, { zoneMs }: Moment): string {
  return new Date(at + zoneMs).toISOString().slice(0, 19).replace('T', ' ');
}

/** Time left as people watch it: `00:42`, `02:10:33`, `1d 04h`. Seconds under a day, so that it moves. */
export function timeLeft(ms: number): string {
  const seconds = Math.ceil(ms / SECOND_MS);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  if (ms >= DAY_MS) return `${Math.floor(ms / DAY_MS)}d ${two((ms % DAY_MS) / HOUR_MS)}h`;
  if (seconds >= 3_600) return `${two(seconds / 3_600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${two(seconds / 60)}:${two(seconds % 60)}`;
}

/** `3d`, `5h`, `12m`, `40s`: the largest unit alone. */
export function roughly(ms: number): string {
  const length = Math.abs(ms);
  if (length >= DAY_MS) return `${Math.round(length / DAY_MS)}d`;
  if (length >= HOUR_MS) return `${Math.round(length / HOUR_MS)}h`;
  if (length >= MINUTE_MS) return `${Math.round(length / MINUTE_MS)}m`;
  return `${Math.round(length / SECOND_MS)}s`;
}

/** With the price of now. */
export function outbidSentence(lot: LotModel): string {
  const price = formatMoney(lot.leading?.amount ?? lot.terms.startingPrice, lot.terms.currency);
  return `Outbid on #${lot.number}: ${price} now, b answers. ${cut(titleOf(lot), TITLE_CELLS)}`;
}
