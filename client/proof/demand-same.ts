/** Whether the journal says what was announced: the same, field by field, as far as a record has it. */
import { utf8 } from '../../shared/bytes.ts';
import { digestOfTerms } from '../../shared/crypto/digest.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { PublicRecord } from '../../shared/journal/record.ts';
import { parseStrictJson } from '../../shared/strict-json.ts';
import { readStamp } from '../../shared/timestamp/timestamp-token.ts';
import type { Announcement } from '../../shared/wire/announcements.ts';

/**
 * Verifies an announcement against the public part at its position. The number of a lot and the count of its bids are in
 * no single record, so they are not compared.
 * @throws ProtocolError 'announcement-false', with the field that differs
 */
export function demandSame(announcement: Announcement, publicPart: string): void {
  const recorded = recordedFields(publicPart);
  for (const [field, value] of Object.entries(announcedFields(announcement))) {
    if (recorded[field] !== value) throw new ProtocolError('announcement-false', `${field} is another one`);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function announcedFields(announcement: Announcement): Fields {
  const { lot, pseudonym, at } = announcement;
  const common = { lot, pseudonym, at };
  switch (announcement.event) {
    case 'someone_listed':
      return { kind: 'listed', ...common, terms: digestOfTerms(announcement.terms) };
    case 'someone_bid':
      return { kind: 'bid', ...common, amount: announcement.amount, closesAt: announcement.closesAt };
    case 'item_closed':
      return { kind: 'closed', ...common, outcome: announcement.outcome, hammerPrice: announcement.hammerPrice };
  }
}

/** The same fields of a record. One of another kind has others, and differs in its kind. */
function recordedFields(publicPart: string): Fields {
  try {
    const record = PublicRecord.parse(parseStrictJson(utf8.encode(publicPart)));
    if (!('timestamp' in record)) return record;
    const { at } = readStamp(record.timestamp);
    return record.kind === 'listed' ? { ...record, at, terms: digestOfTerms(record.terms) } : { ...record, at };
  } catch (cause) {
    // Not JSON, not of the schema, or with a token that is none: it is no record, so it is not what was announced.
    throw new ProtocolError('announcement-false', 'the journal has no record there', { cause });
  }
}
