/**
 * Opens records to each other for the two parties of a disclosed sale: the winning bid to the seller, the listing to the
 * winner. Salts are in the journal and nowhere else, and leave it here alone.
 */
import { encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { invariant } from '../../shared/invariant.ts';
import type { Opening } from '../../shared/wire/opening.ts';
import type { LotId, Position, Subject } from '../../shared/wire/vocabulary.ts';
import type { Lot } from '../auction/lot.ts';
import { noticedRole } from '../auction/queries.ts';
import type { Journal } from '../journal/journal.ts';
import { entryOf } from './receipt-desk.ts';

export interface OpeningDeskParts {
  readonly house: {
    readonly lots: ReadonlyMap<LotId, Lot>;
    /** Whether there may be other nodes. */
    readonly isShared: boolean;
    /** Takes in what other nodes have recorded by now. */
    refresh(): Promise<void>;
  };
  readonly journal: Pick<Journal, 'read'>;
}

export class OpeningDesk {
  readonly #parts: OpeningDeskParts;

  constructor(parts: OpeningDeskParts) {
    this.#parts = parts;
  }

  /**
   * The opening of the record by which the other party of this sale is bound, as often as it is asked for.
   * @throws ProtocolError 'notice-not-found' for who is no party of a sale that was disclosed, 'journal-unavailable'
   */
  async open(subject: Subject, lot: LotId): Promise<Opening> {
    const { house, journal } = this.#parts;
    // The notice may have come from another node that knows more than we do.
    if (house.isShared && boundAt(house.lots.get(lot), subject) === undefined) await house.refresh();
    const position = boundAt(house.lots.get(lot), subject);
    if (position === undefined) throw new ProtocolError('notice-not-found');
    const [recorded] = await journal.read((position - 1) as Position, 1);
    invariant(recorded?.position === position, 'what the state knows is in the journal');
    const { record } = recorded;
    const opened = { salt: encodeBase64url(record.salt), privatePart: utf8.decode(record.privatePart) };
    return { position, ...entryOf(record), ...opened };
  }
}

/** Where the other party's decisive record is, if this subject is a party of a disclosed sale. */
function boundAt(lot: Lot | undefined, subject: Subject): Position | undefined {
  const winning = lot?.closing?.winning;
  if (lot === undefined || winning === undefined) return undefined;
  const role = noticedRole(lot, subject);
  if (role === undefined) return undefined;
  return role === 'seller' ? winning.position : lot.listedPosition;
}
