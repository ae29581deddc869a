/**
 * What the rules take. A verified command has passed every check of the intake: signature, session, house, id,
 * timestamp and its age. Forgetting the intake does not compile, since nothing else makes one.
 */
import type { Brand } from '../../shared/brand.ts';
import type { LotTerms } from '../../shared/wire/commands.ts';
import type {
  Amount,
  CommandId,
  Digest,
  Instant,
  LotId,
  Pseudonym,
  Serial,
  Subject,
} from '../../shared/wire/vocabulary.ts';

/** What every stamped command brings along. */
export interface Stamped {
  readonly id: CommandId;
  /** Who signed it. Never leaves the house. */
  readonly subject: Subject;
  /** Drawn for this command alone; the name under which it is announced. */
  readonly pseudonym: Pseudonym;
  /** The time of its timestamp token: what the rules judge by. */
  readonly at: Instant;
  /** Its number in the authority's total order: what decides between two equal times. */
  readonly serial: Serial;
  /** Trusted time when its frame arrived: decides only whether it is told at once or with the closing. */
  readonly receivedAt: Instant;
}

/** `list`: the subject offers a lot under these terms. The command's id becomes the lot's. */
export interface ListCommand extends Stamped {
  readonly type: 'list';
  readonly terms: LotTerms;
  /** SHA-256 of the RFC 8785 form of `terms`: what every bid on the lot has to name. */
  readonly termsDigest: Digest;
}

/** `bid`: the subject would pay `amount` for the lot under the terms of this digest. */
export interface BidCommand extends Stamped {
  readonly type: 'bid';
  readonly lot: LotId;
  readonly termsDigest: Digest;
  readonly amount: Amount;
}

/** A participant's command that the rules may judge. Only `dms/intake` makes one. */
export type VerifiedCommand = Brand<ListCommand, 'VerifiedCommand'> | Brand<BidCommand, 'VerifiedCommand'>;

/** The house's own command: the signed present time `at` says that the lot can be closed. */
export interface CloseCommand {
  readonly type: 'close';
  readonly lot: LotId;
  readonly at: Instant;
}
