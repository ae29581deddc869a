/** What a house says to its clients: answers and announcements, and the order in which a client believes them. */
import { z } from 'zod';
import { AnnouncementFeed } from '../../../client/connection/announcement-feed.ts';
import {
  type Announcement,
  AuctionClosed,
  Checkpoint,
  ItemClosed,
  SomeoneBid,
  SomeoneListed,
} from '../../../shared/wire/announcements.ts';
import { CommandAnswer, Refused } from '../../../shared/wire/commands.ts';
import { CurrentAnswer, HelloAnswer, LotsAnswer, OpeningAnswer } from '../../../shared/wire/socket-events.ts';
import type { Position } from '../../../shared/wire/vocabulary.ts';
import { CORPUS } from '../corpus.ts';
import { mutateJson } from '../mutate-json.ts';
import { demand, type Target } from '../target.ts';

const lot = '0b7c6f0e-55a0-4a1e-9d7a-2f2f6f5f1c11';
const now = CORPUS.now;
const terms = { title: 'Oak desk', currency: 'EUR', startingPrice: 100, increment: 10, closesAt: now + 60_000 };
const listed = { position: 1, lot, number: 1, terms, pseudonym: lot, at: now };
const bid = { position: 2, lot, amount: 100, pseudonym: lot, at: now, closesAt: now + 60_000, bids: 1 };
const closed = { position: 3, lot, outcome: 'sold', hammerPrice: 100, pseudonym: lot, at: now + 60_000 };
const known = {
  lot,
  number: 1,
  terms,
  termsDigest: 'A'.repeat(43),
  listedAt: now,
  listedPosition: 1,
  closesAt: now + 60_000,
};
const { record, commitment } = CORPUS.receipts[0]!.receipt;
const opening = { position: 2, record, commitment, salt: 'A'.repeat(43), privatePart: '{"kind":"none"}' };
const missed = [
  { event: 'someone_listed', ...listed },
  { event: 'someone_bid', ...bid },
  { event: 'item_closed', ...closed },
];
const lots = [{ ...known, bids: 1, leadingAmount: 100, status: 'open' }];
const chain = [CORPUS.certificates['dms-node'], CORPUS.certificates['issuing-ca']];

const MESSAGES: readonly [name: string, schema: z.ZodType, valid: unknown][] = [
  ['listed', z.array(SomeoneListed), [listed, { ...listed, position: 5 }]],
  ['bid', z.array(SomeoneBid), [bid, { ...bid, position: 6 }]],
  ['closed', z.array(ItemClosed), [closed]],
  [
    'notice',
    z.array(AuctionClosed),
    [{ position: 3, lot, number: 1, role: 'winner', outcome: 'sold', hammerPrice: 100, envelope: 'QQ' }],
  ],
  [
    'checkpoint',
    z.array(Checkpoint),
    [
      { after: 0, position: 3 },
      { after: 3, position: 6 },
    ],
  ],
  ['ended', Refused, { outcome: 'refused', code: 'session-expired', detail: 'later' }],
  [
    'command',
    CommandAnswer,
    { outcome: 'accepted', position: 2, lot, number: 1, receipt: CORPUS.receipts[0]!.receipt },
  ],
  ['command', CommandAnswer, { outcome: 'rejected', reason: 'tie-lost' }],
  ['hello', HelloAnswer, { outcome: 'accepted', chain, offer: CORPUS.signed['session-offer+jwt'] }],
  ['current', CurrentAnswer, { outcome: 'accepted', position: 3, catchUp: { kind: 'missed', announcements: missed } }],
  ['current', CurrentAnswer, { outcome: 'accepted', position: 3, catchUp: { kind: 'snapshot', lots } }],
  ['lots', LotsAnswer, { outcome: 'accepted', position: 3, lots }],
  ['opening', OpeningAnswer, { outcome: 'accepted', opening }],
];

interface Input {
  readonly of: number;
  readonly text: string;
}

function judge({ of, text }: Input): string {
  const [name, schema] = MESSAGES[of]!;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return 'no JSON';
    throw error;
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) return 'malformed';
  demand(schema.safeParse(parsed.data).success, 'read again it has another form');
  if (name === 'listed' || name === 'bid' || name === 'closed') demandOrder(parsed.data as Announcement[], []);
  if (name === 'checkpoint') demandOrder([], parsed.data as Checkpoint[]);
  return 'accepted';
}

/** However a house numbers what it says: a client hears each position once, in order within a tick, and never goes back. */
function demandOrder(announcements: readonly Announcement[], checkpoints: readonly Checkpoint[]): void {
  const feed = new AnnouncementFeed();
  feed.advance(0 as Position, []);
  feed.collect(announcements);
  const all = checkpoints.length > 0 ? checkpoints : [{ after: 0, position: 2 ** 53 - 1 } as Checkpoint];
  for (const checkpoint of all) feed.check(checkpoint);
  const told = new Set<number>();
  for (let [batch, before] = [feed.next(), 0]; batch !== undefined; batch = feed.next()) {
    demand(batch.position >= before, 'the client goes back');
    before = batch.position;
    const positions = batch.announcements.map(({ position }) => position);
    demand(
      positions.every((position) => !told.has(position)),
      'the same is told twice',
    );
    demand(
      positions.every((position, index) => index === 0 || position > positions[index - 1]!),
      'it is told out of order',
    );
    for (const position of positions) told.add(position);
  }
}

export const houseAnswers: Target<Input> = {
  name: 'house-answers',
  reaches: ['accepted', 'malformed', 'no JSON'],
  prepare: () => ({
    valid: MESSAGES.map(([, , valid], of) => ({ of, text: JSON.stringify(valid) })),
    mutate: ({ of, text }, choice, other) => ({ of, text: mutateJson(text, choice, other.text) }),
    judge,
  }),
};
