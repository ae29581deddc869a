/** Reads the fields of a DER structure in their order, each once, until none is left. */
import { decodeLatin1, encodeHex, equalBytes } from '../bytes.ts';
import { type DerElement, demand, TAG } from './der.ts';
import { encodeGeneralizedTime, encodeSetOf } from './encode-der.ts';

/** A cursor over the children of a SEQUENCE, a SET or a tagged value. */
export class DerFields {
  readonly #elements: readonly DerElement[];
  #next = 0;

  constructor(parent: DerElement) {
    this.#elements = parent.children;
  }

  /** Whether another field follows. */
  hasMore(): boolean {
    return this.#next < this.#elements.length;
  }

  /** The next field, which must have this tag. `what` names it in the refusal. */
  take(tag: number, what: string): DerElement {
    const element = this.takeIf(tag);
    demand(element !== undefined, `${what} is missing or of another type`);
    return element;
  }

  /** The next field if it has this tag. */
  takeIf(tag: number): DerElement | undefined {
    const element = this.#elements[this.#next];
    if (element?.tag !== tag) return undefined;
    this.#next += 1;
    return element;
  }

  /** Nothing may follow. */
  end(what: string): void {
    demand(!this.hasMore(), `${what} has fields that do not belong there`);
  }
}

/** The fields of a SEQUENCE. */
export function sequenceFields(element: DerElement, what: string): DerFields {
  demand(element.tag === TAG.sequence, `${what} is not a sequence`);
  return new DerFields(element);
}

/** A positive integer of at most `maxBytes` content bytes (its sign byte counts), as lower-case hexadecimal. */
export function positiveIntegerHex(element: DerElement, maxBytes: number, what: string): string {
  const { content } = element;
  const [first = 0xff] = content;
  demand(content.byteLength <= maxBytes, `${what} is too long`);
  demand(first < 0x80 && !(content.byteLength === 1 && first === 0), `${what} is not positive`);
  return encodeHex(first === 0 ? content.subarray(1) : content);
}

/** The content of a BIT STRING that fills its bytes: no unused bits. */
export function wholeBits(element: DerElement, what: string): Uint8Array {
  demand(element.content[0] === 0, `${what} has unused bits`);
  return element.content.subarray(1);
}

/** The elements of a SET OF, each once and in DER's order (X.690 section 11.6). A tag stands in for SET where it is implicit. */
export function setElements(element: DerElement, what: string, tag: number = TAG.set): readonly DerElement[] {
  const encoded = element.children.map((child) => child.encoded);
  demand(element.tag === tag && equalBytes(encodeSetOf(encoded, tag), element.encoded), `${what} is not a sorted set`);
  const distinct = new Set(encoded.map((bytes) => encodeHex(bytes)));
  demand(distinct.size === encoded.length, `${what} has an element twice`);
  return element.children;
}

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/**
 * The next field as a time of RFC 5280, section 4.1.2.5: UTCTime until 2049, GeneralizedTime from 2050, in UTC, with
 * seconds and nothing finer. Milliseconds since the Unix epoch.
 */
export function takeTime(fields: DerFields, what: string): number {
  const short = fields.takeIf(TAG.utcTime);
  if (short !== undefined) return timeOf(short, UTC_TIME, (year) => (year < 50 ? 2000 + year : 1900 + year), what);
  const long = fields.take(TAG.generalizedTime, what);
  const time = timeOf(long, GENERALIZED_TIME, (year) => year, what);
  demand(time >= Date.UTC(2050, 0), `${what} is before 2050 and in the form for later years`);
  return time;
}

const PRECISE_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,3})?Z$/;

/**
 * The next field as a GeneralizedTime of RFC 3161, section 2.4.2, with at most milliseconds and in its one form.
 * Milliseconds since the Unix epoch.
 */
export function takePreciseTime(fields: DerFields, what: string): number {
  const element = fields.take(TAG.generalizedTime, what);
  const parts = PRECISE_TIME.exec(decodeLatin1(element.content));
  demand(parts !== null, `${what} is not in UTC with seconds and at most milliseconds`);
  const [, year, month, day, hour, minute, second, fraction = ''] = parts;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}Z`);
  // Written again it has other bytes where it is not on the calendar, or not in the shortest form.
  demand(
    time >= 0 && equalBytes(encodeGeneralizedTime(time), element.encoded),
    `${what} is not on the calendar, or not in its shortest form`,
  );
  return time;
}

function timeOf(element: DerElement, form: RegExp, fullYear: (year: number) => number, what: string): number {
  const text = decodeLatin1(element.content);
  const parts = form.exec(text)?.slice(1).map(Number);
  demand(parts !== undefined, `${what} is not in UTC with seconds`);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const time = Date.UTC(fullYear(year), month - 1, day, hour, minute, second);
  const [date, clock] = [new Date(time).toISOString().slice(0, 10), new Date(time).toISOString().slice(11, 19)];
  const pad = (value: number) => String(value).padStart(2, '0');
  demand(
    date.endsWith(`-${pad(month)}-${pad(day)}`) && clock === `${pad(hour)}:${pad(minute)}:${pad(second)}`,
    `${what} is not on the calendar`,
  );
  demand(time >= 0, `${what} is before 1970`);
  return time;
}
