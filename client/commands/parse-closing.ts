/** Moments, such as when a lot closes, as people write them: from now, a clock time, or a date. Relative to the trusted time alone. */
import type { Instant } from '../../shared/wire/vocabulary.ts';
import { ClientError } from '../client-error.ts';

const DAY_MS = 86_400_000;
const UNIT_MS = { w: 7 * DAY_MS, d: DAY_MS, h: 3_600_000, m: 60_000, s: 1_000 } as const;

/** Twelve digits of seconds reach the last instant: so every duration can be written in them alone, as a command that is repeated is. */
const DURATION = /^(?:(\d{1,3})w)?(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,12})s)?$/;
const CLOCK = /^(?:(today|tomorrow)\s+)?(\d{1,2}):(\d{2})(?::(\d{2}))?$/i;
const DATE = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(Z|z|[+-]\d{2}:?\d{2})?$/;

/** A moment that is still to come. Throws `date-malformed` and `date-in-past`. */
export function parseClosing(text: string, now: Instant): Instant {
  const at = parseMoment(text, now);
  if (at <= now) throw new ClientError('date-in-past');
  return at;
}

/**
 * The instant that a text means at the trusted time `now`: `+10m`, `+1h30m`, `+2d`; `18:00`, `tomorrow 18:00`;
 * ISO 8601 with a zone or, without one, in this machine's zone. Throws `date-malformed`.
 */
export function parseMoment(text: string, now: Instant): Instant {
  const at = fromNow(text, now) ?? clockTime(text, now) ?? isoDate(text);
  if (at === undefined || !(at >= 0 && at < LAST_INSTANT)) throw new ClientError('date-malformed');
  return at as Instant;
}

/** Milliseconds of `90s`, `10m`, `1h30m`, `2d`; at least one second. `undefined` for every other text. */
export function parseDuration(text: string): number | undefined {
  const parts = text === '' ? null : DURATION.exec(text);
  if (parts === null) return undefined;
  const [, w = '0', d = '0', h = '0', m = '0', s = '0'] = parts;
  const duration =
    Number(w) * UNIT_MS.w +
    Number(d) * UNIT_MS.d +
    Number(h) * UNIT_MS.h +
    Number(m) * UNIT_MS.m +
    Number(s) * UNIT_MS.s;
  return duration > 0 ? duration : undefined;
}

/** The end of the year 9999: the protocol writes instants from 1970 to just before it. */
const LAST_INSTANT = 253_402_300_800_000;

function fromNow(text: string, now: Instant): number | undefined {
  if (!text.startsWith('+')) return undefined;
  const duration = parseDuration(text.slice(1));
  return duration === undefined ? undefined : now + duration;
}

/** The same clock time on the calendar's day: a change of the clocks can make tomorrow 23 or 25 hours away. */
function clockTime(text: string, now: Instant): number | undefined {
  const match = CLOCK.exec(text);
  if (match === null) return undefined;
  const [, day, hours = '', minutes = '', seconds = '00'] = match;
  const today = new Date(now);
  const days = day?.toLowerCase() === 'tomorrow' ? 1 : 0;
  const date = new Date(Date.UTC(today.getFullYear(), today.getMonth(), today.getDate() + days));
  return localInstant(`${date.toISOString().slice(0, 10)}T${hours.padStart(2, '0')}:${minutes}:${seconds}.000`);
}

function isoDate(text: string): number | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [, date = '', time = '', seconds = '00', fraction = '', zone] = match;
  const wall = `${date}T${time}:${seconds}.${fraction.padEnd(3, '0')}`;
  if (zone === undefined) return localInstant(wall);
  const offset = zoneOffset(zone);
  const utc = utcInstant(wall);
  return offset === undefined || utc === undefined ? undefined : utc - offset;
}

/** `undefined` also for a time that the clocks of this machine jump over on that day. */
function localInstant(wall: string): number | undefined {
  const utc = utcInstant(wall);
  const at = Date.parse(wall);
  return at - new Date(at).getTimezoneOffset() * UNIT_MS.m === utc ? at : undefined;
}

/** `undefined` for a date that the calendar does not have: it would come back as another one. */
function utcInstant(wall: string): number | undefined {
  const at = Date.parse(`${wall}Z`);
  return !Number.isNaN(at) && new Date(at).toISOString() === `${wall}Z` ? at : undefined;
}

/** Milliseconds east of Greenwich of `Z`, `+01:00` or `-0330`. No zone is further than 14 hours. */
function zoneOffset(zone: string): number | undefined {
  if (zone.toUpperCase() === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  const offset = hours * UNIT_MS.h + minutes * UNIT_MS.m;
  if (minutes > 59 || offset > 14 * UNIT_MS.h) return undefined;
  return zone.startsWith('-') ? -offset : offset;
}
