/** The lines of a bot's journal: what it heard, what it wished, which limit stood in the way, and what the house answered. */
import { z } from 'zod';
import { LotTerms } from '../../shared/wire/commands.ts';
import { Amount, CommandId, Currency, HouseId, Instant, LotId } from '../../shared/wire/vocabulary.ts';
import { LIMIT_NAMES } from './limits.ts';

/** What a wish answered. */
export const EVENT_NAMES = ['listed', 'bid', 'tick', 'closed'] as const;
export type EventName = (typeof EVENT_NAMES)[number];

/** Trusted time, and which setting of the clock it belongs to. */
const when = { v: z.literal(1), at: Instant, epoch: z.int() };

const Started = z.strictObject({
  ...when,
  type: z.literal('started'),
  strategy: z.string(),
  house: HouseId,
  paper: z.boolean(),
  currency: Currency,
  budget: Amount.optional(),
  perMinute: z.int(),
});

const command = { event: z.enum(EVENT_NAMES), house: HouseId, id: CommandId };

/** A bid that is about to be sent: on disk before it leaves. */
const Bidding = z.strictObject({ ...when, ...command, type: z.literal('bidding'), lot: LotId, amount: Amount });
/** The same of a listing. */
const Listing = z.strictObject({ ...when, ...command, type: z.literal('listing'), terms: LotTerms });

/** A wish that was not sent, and the limit that stood in the way. What is no wish at all has neither lot nor amount. */
const Blocked = z.strictObject({
  ...when,
  type: z.literal('blocked'),
  event: z.enum(EVENT_NAMES),
  limit: z.enum(LIMIT_NAMES),
  lot: LotId.optional(),
  amount: Amount.optional(),
});

/** How a command ended. `unknown` may be recorded or not, and is repeated; `not-sent` never left this machine. */
const Answered = z.strictObject({
  ...when,
  type: z.literal('answered'),
  id: CommandId,
  outcome: z.enum(['accepted', 'rejected', 'refused', 'unknown', 'not-sent']),
  /** Negative on paper. */
  position: z.int().optional(),
  /** The reason or code of what was not accepted. */
  code: z.string().optional(),
});

const Closed = z.strictObject({
  ...when,
  type: z.literal('closed'),
  lot: LotId,
  outcome: z.enum(['sold', 'unsold']),
  hammerPrice: Amount.optional(),
  won: z.boolean(),
});

const Ended = z.strictObject({
  ...when,
  type: z.literal('ended'),
  reason: z.enum(['done', 'stopped', 'interrupted']),
});

export const Decision = z.discriminatedUnion('type', [Started, Bidding, Listing, Blocked, Answered, Closed, Ended]);
export type Decision = z.infer<typeof Decision>;
export type Bidding = z.infer<typeof Bidding>;
export type Listing = z.infer<typeof Listing>;
export type Answered = z.infer<typeof Answered>;

/** A line without what every line has. */
export type News = Decision extends infer Line
  ? Line extends Decision
    ? Omit<Line, 'v' | 'at' | 'epoch'>
    : never
  : never;
