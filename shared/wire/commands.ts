/** What a participant signs, how it is sealed, and what the DMS answers. */
import { z } from 'zod';
import { REFUSAL_CODES } from '../errors.ts';
import { MAX_EXTENSION_STEP_MS } from './limits.ts';
import { Receipt } from './log.ts';
import { TimestampToken } from './timestamp-token.ts';
import {
  Amount,
  CommandId,
  CompactJws,
  Currency,
  Description,
  Digest,
  HouseId,
  Instant,
  LotId,
  Position,
  Title,
} from './vocabulary.ts';

/**
 * Soft closing. A bid stamped within `window` before the closing moves the closing to `by` after the bid, never
 * earlier than it was and never beyond `until`.
 */
export const Extension = z.strictObject({
  window: z.int().min(1).max(MAX_EXTENSION_STEP_MS),
  by: z.int().min(1).max(MAX_EXTENSION_STEP_MS),
  until: Instant,
});
export type Extension = z.infer<typeof Extension>;

/** The public terms of a lot. A bid carries the SHA-256 of their RFC 8785 form, so the bidder signs them too. */
export const LotTerms = z.strictObject({
  title: Title,
  description: Description.optional(),
  currency: Currency,
  startingPrice: Amount,
  increment: Amount,
  closesAt: Instant,
  extension: Extension.optional(),
});
export type LotTerms = z.infer<typeof LotTerms>;

const statement = { v: z.literal(1), aud: HouseId, id: CommandId };

/** `list`: the signer offers a lot. The command's id becomes the lot's. */
export const ListStatement = z.strictObject({ ...statement, type: z.literal('list'), ...LotTerms.shape });
export type ListStatement = z.infer<typeof ListStatement>;

/** `bid`: the signer would pay `amount` for the lot under exactly these terms. */
export const BidStatement = z.strictObject({
  ...statement,
  type: z.literal('bid'),
  lot: LotId,
  terms: Digest,
  amount: Amount,
});
export type BidStatement = z.infer<typeof BidStatement>;

/** The claims of a `typ: command+jwt`. */
export const CommandStatement = z.discriminatedUnion('type', [ListStatement, BidStatement]);
export type CommandStatement = z.infer<typeof CommandStatement>;

/** What is sealed to the session's key: the signed statement, and the token over its ASCII bytes. */
export const CommandEnvelope = z.strictObject({ statement: CompactJws, timestamp: TimestampToken });
export type CommandEnvelope = z.infer<typeof CommandEnvelope>;

/** The rules' reasons to say no. For a bid, in order of precedence: the first that applies is the answer. */
export const REJECTIONS = {
  'lot-not-found': 'No such lot; look at the catalogue for its number.',
  'lot-closed': 'The lot is closed; bid on another one.',
  'bidder-is-seller': 'You offer this lot yourself; sellers can not bid on their own lots.',
  'terms-mismatch': 'The bid names other terms than the lot has; fetch the catalogue and bid again.',
  'timestamp-before-listing': 'The bid was stamped before the lot was listed; bid again.',
  'timestamp-after-closing': 'The bid was stamped after the closing; the lot takes no more bids.',
  'bid-below-starting-price': 'The bid is below the starting price; bid at least that.',
  'bid-below-increment': 'The bid is too low; bid at least the leading bid and one increment.',
  'tie-lost': 'Somebody bid the same amount earlier; bid more.',
  'closing-not-in-future': 'The closing is not in the future; choose a later one.',
  'closing-too-far': 'The closing is more than a year away; choose an earlier one.',
  'extension-before-closing': 'The extension ends before the lot closes; let it end at the closing or later.',
} as const satisfies Record<string, string>;
export type RejectionReason = keyof typeof REJECTIONS;
export const REJECTION_REASONS = Object.keys(REJECTIONS) as [RejectionReason, ...RejectionReason[]];

/** What a person should do about a rejection, in one sentence. */
export function adviceForRejection(reason: RejectionReason): string {
  return REJECTIONS[reason];
}

/** The message can't be trusted, or can't be served now. */
export const Refused = z.strictObject({
  outcome: z.literal('refused'),
  code: z.enum(REFUSAL_CODES),
  detail: z.string().optional(),
});
export type Refused = z.infer<typeof Refused>;

/** The rules say no. */
export const Rejected = z.strictObject({ outcome: z.literal('rejected'), reason: z.enum(REJECTION_REASONS) });
export type Rejected = z.infer<typeof Rejected>;

/** The record is on disk at `position`. `number` is the lot's short number, for people. */
export const Accepted = z.strictObject({
  outcome: z.literal('accepted'),
  position: Position,
  lot: LotId,
  number: z.int().min(1),
});
export type Accepted = z.infer<typeof Accepted>;

/** The same with what shows it to anybody. */
export const ReceiptedAnswer = z.strictObject({ ...Accepted.shape, receipt: Receipt });
export type ReceiptedAnswer = z.infer<typeof ReceiptedAnswer>;

/** The answer to `command`. */
export const CommandAnswer = z.discriminatedUnion('outcome', [ReceiptedAnswer, Rejected, Refused]);
export type CommandAnswer = z.infer<typeof CommandAnswer>;
