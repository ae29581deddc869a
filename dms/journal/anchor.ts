/**
 * The anchor: how long the journal was, in a second small file beside it. A broken write-ahead log loses acknowledged
 * records without a trace in the database itself; with the anchor the loss is seen at the next start.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { ProtocolError } from '../../shared/errors.ts';
import type { HouseId, Position } from '../../shared/wire/vocabulary.ts';

const FORM = /^gavel-journal ([0-9a-f-]{36}) (\d{16})\n$/;

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
  static open(path: string, house: HouseId, position: Position): Anchor {
    if (existsSync(path)) verifyAnchor(path, house, position);
    // Not truncated on opening: until the first write the old line stands.
    const anchor = new Anchor(openSync(path, existsSync(path) ? 'r+' : 'wx', 0o600), house);
    anchor.advance(position);
    return anchor;
  }

  advance(position: Position): void {
    writeSync(this.#file, `gavel-journal ${this.#house} ${String(position).padStart(16, '0')}\n`, 0);
  }

  close(): void {
    fsyncSync(this.#file);
    closeSync(this.#file);
  }
}

function verifyAnchor(path: string, house: HouseId, position: Position): void {
  const [, anchoredHouse, anchored] = FORM.exec(readFileSync(path, 'utf8')) ?? [];
  if (anchored === undefined) throw new ProtocolError('journal-damaged', `the anchor ${path} is not readable`);
  if (anchoredHouse !== house)
    throw new ProtocolError('journal-damaged', `the anchor ${path} belongs to another journal`);
  if (Number(anchored) > position)
    throw new ProtocolError(
      'journal-damaged',
      `the journal had ${Number(anchored)} records and has ${position}; remove ${path} only to go on without the rest`,
    );
}
