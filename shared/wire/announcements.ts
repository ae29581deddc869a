/** What the house tells: to everybody by pseudonym alone, and to seller and winner in private. */
import { z } from 'zod';
import { LotTerms } from './commands.ts';
import { Amount, Digest, Instant, LotId, Position, Pseudonym } from './vocabulary.ts';

const number = z.int().min(1);

/** A lot was listed. */
export const SomeoneListed = z.strictObject({
  position: Position,
  lot: LotId,
  number,
  terms: LotTerms,
  pseudonym: Pseudonym,
  at: Instant,
});
export type SomeoneListed = z.infer<typeof SomeoneListed>;

/** A bid stands. `closesAt` is the effective closing after it, `bids` how many the lot has had. */
export const SomeoneBid = z.strictObject({
  position: Position,
  lot: LotId,
  amount: Amount,
  pseudonym: Pseudonym,
  at: Instant,
  closesAt: Instant,
  bids: z.int().min(1),
});
export type SomeoneBid = z.infer<typeof SomeoneBid>;

/** A lot closed. `pseudonym` is that of the winning bid's own announcement: it names the bid, not a person. */
export const ItemClosed = z.strictObject({
  position: Position,
  lot: LotId,
  outcome: z.enum(['sold', 'unsold']),
  hammerPrice: Amount.optional(),
  pseudonym: Pseudonym.optional(),
  at: Instant,
});
export type ItemClosed = z.infer<typeof ItemClosed>;

/** Everything in `(after, position]` that is meant for everybody has now been told on this connection. */
export const Checkpoint = z.strictObject({ after: Position, position: Position });
export type Checkpoint = z.infer<typeof Checkpoint>;

/** One public announcement, tagged with the event that carries it. */
export const Announcement = z.discriminatedUnion('event', [
  z.strictObject({ event: z.literal('someone_listed'), ...SomeoneListed.shape }),
  z.strictObject({ event: z.literal('someone_bid'), ...SomeoneBid.shape }),
  z.strictObject({ event: z.literal('item_closed'), ...ItemClosed.shape }),
]);
export type Announcement = z.infer<typeof Announcement>;

/**
 * Private: how one's own sale or purchase ended. `envelope` is sealed by the Trusted Service to the receiver's
 * agreement key and holds the other party's disclosure; a seller whose lot found no bidder gets none.
 */
export const AuctionClosed = z.strictObject({
  position: Position,
  lot: LotId,
  number,
  role: z.enum(['seller', 'winner']),
  outcome: z.enum(['sold', 'unsold']),
  hammerPrice: Amount.optional(),
  envelope: z.string().max(8_192).optional(),
});
export type AuctionClosed = z.infer<typeof AuctionClosed>;

/** A lot as everybody may see it: bids that wait for the closing are not in it yet. */
export const CatalogueLot = z.strictObject({
  lot: LotId,
  number,
  terms: LotTerms,
  termsDigest: Digest,
  listedAt: Instant,
  /** Where its record is in the journal, and so in the public log. */
  listedPosition: Position.optional(),
  closesAt: Instant,
  bids: z.int().min(0),
  leadingAmount: Amount.optional(),
  status: z.enum(['open', 'sold', 'unsold']),
});
export type CatalogueLot = z.infer<typeof CatalogueLot>;

/** Some lots in the order of listing, and whether there are others after them. */
export const CataloguePage = z.strictObject({ lots: z.array(CatalogueLot), more: z.literal(true).exactOptional() });
export type CataloguePage = z.infer<typeof CataloguePage>;

/** The claims of a `typ: disclosure+jwt`: who the other party is. */
export const Disclosure = z.strictObject({
  iss: z.string(),
  lot: LotId,
  /** The role of the party that is described here. */
  role: z.enum(['seller', 'winner']),
  subject: z.string(),
  username: z.string(),
  contact: z.string().optional(),
  certificate: z.string(),
});
export type Disclosure = z.infer<typeof Disclosure>;
