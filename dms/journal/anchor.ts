/**
 * The anchor: how long the journal was and what was in it, in a second small file beside it. A broken write-ahead log loses
 * acknowledged records without a trace in the database itself; with the anchor the loss is seen at the next start.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { ProtocolError } from '../../shared/errors.ts';
import type { HouseId, Position } from '../../shared/wire/vocabulary.ts';

/** The digest is missing where an earlier version wrote it, and where the engine makes none. */
const FORM = /^gavel-journal ([0-9a-f-]{36}) (\d{16})(?: ([0-9a-f]{64}))?\n$/;

/** Digests of all that the journal has, up to its end or to an earlier position. */
export interface Sealed {
  now(): Uint8Array;
  at(position: Position): Uint8Array;
}

/**
 * Written after each commit and not synced with it: after a power loss it may be behind the journal, never ahead of it.
 * One line of one length in one write, so that no reader finds half of it.
 */
export class Anchor {
  readonly #file: number;
  readonly #house: HouseId;

  private constructor(file: number, house: HouseId) {
    this.#file = file;
    this.#house = house;
  }

  /** Compares the journal's head with the anchor, then follows it. Throws `journal-damaged` for a journal that lost records. */
  static open(path: string, house: HouseId, position: Position, sealed?: Sealed): Anchor {
    if (existsSync(path)) verifyAnchor(path, readFileSync(path, 'utf8'), house, position, sealed);
    // Not truncated on opening: until the first write the old line stands.
    const anchor = new Anchor(openSync(path, existsSync(path) ? 'r+' : 'wx', 0o600), house);
    anchor.advance(position, sealed?.now());
    return anchor;
  }

  advance(position: Position, digest?: Uint8Array): void {
    writeSync(this.#file, anchorLine(this.#house, position, digest), 0);
  }

  close(): void {
    fsyncSync(this.#file);
    closeSync(this.#file);
  }
}

/** The whole of an anchor's file. */
export function anchorLine(house: HouseId, position: Position, digest?: Uint8Array): string {
  const sealed = digest === undefined ? '' : ` ${Buffer.from(digest).toString('hex')}`;
  return `gavel-journal ${house} ${String(position).padStart(16, '0')}${sealed}\n`;
}

/** Throws `journal-damaged` for a journal that is not what the anchor with this text says. */
export function verifyAnchor(path: string, text: string, house: HouseId, position: Position, sealed?: Sealed): void {
  const [, anchoredHouse, anchored, digest] = FORM.exec(text) ?? [];
  if (anchored === undefined) throw new ProtocolError('journal-damaged', `the anchor ${path} is not readable`);
  if (anchoredHouse !== house)
    throw new ProtocolError('journal-damaged', `the anchor ${path} belongs to another journal`);
  if (Number(anchored) > position)
    throw new ProtocolError(
      'journal-damaged',
      `the journal had ${Number(anchored)} records and has ${position}; remove ${path} only to go on without the rest`,
    );
  if (digest === undefined || sealed === undefined) return;
  if (Buffer.from(sealed.at(Number(anchored) as Position)).toString('hex') !== digest)
    throw new ProtocolError('journal-damaged', `the records up to ${Number(anchored)} are not those that were written`);
}
