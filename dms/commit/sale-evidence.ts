/** The evidence of a sale, read back from the journal: what the Trusted Service wants to see before it discloses. */
import { invariant } from '../../shared/invariant.ts';
import { decodeRecord, type PrivateRecord, type PublicRecord } from '../../shared/journal/record.ts';
import type { SaleEvidence, SignedEvidence } from '../../shared/wire/http-endpoints.ts';
import type { HouseId, Position } from '../../shared/wire/vocabulary.ts';
import type { Lot } from '../auction/lot.ts';
import type { Journal } from '../journal/journal.ts';

/** Loads the listing, the winning bid and the closing of a sold lot. Three reads; none of it is kept in memory. */
export async function loadSaleEvidence(
  journal: Pick<Journal, 'read'>,
  house: HouseId,
  lot: Lot,
): Promise<SaleEvidence> {
  const { closing } = lot;
  invariant(closing?.winning !== undefined, 'a sold lot alone has evidence of its sale');
  const [listing, bid, closed] = await Promise.all(
    [lot.listedPosition, closing.winning.position, closing.position].map((position) => load(journal, position)),
  );
  return {
    house,
    lot: lot.id,
    closesAt: lot.closesAt,
    listing: signedEvidence(listing),
    bid: signedEvidence(bid),
    closing: closingEvidence(closed),
  };
}

interface Parts {
  public: PublicRecord;
  private: PrivateRecord;
}

async function load(journal: Pick<Journal, 'read'>, position: Position): Promise<Parts> {
  const [recorded] = await journal.read((position - 1) as Position, 1);
  invariant(recorded?.position === position, 'what the state knows is in the journal');
  return decodeRecord(recorded.record);
}

function signedEvidence(parts: Parts | undefined): SignedEvidence {
  invariant(parts?.private.kind === 'signed' && 'timestamp' in parts.public, 'a command is recorded with its evidence');
  const { statement, certificate } = parts.private;
  return { statement, timestamp: parts.public.timestamp, certificate };
}

function closingEvidence(parts: Parts | undefined): SaleEvidence['closing'] {
  invariant(parts?.public.kind === 'closed', 'a closing is recorded with the signed time');
  const { nonce, timestamp } = parts.public;
  return { nonce, timestamp };
}
