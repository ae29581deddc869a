/** Bids by many at once on one lot, and what has to be true of them afterwards. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { AuctionClient } from '../../client/auction-client.ts';
import type { Amount, CommandId, LotId } from '../../shared/wire/vocabulary.ts';
import { readPostgresJournal } from '../support/journal-records.ts';
import { until } from '../support/until.ts';

const BIDS_AT_ONCE = 4;

export interface Acknowledged {
  readonly id: CommandId;
  readonly lot: LotId;
  readonly position: number;
  readonly amount: number;
}

/** The second, far simpler idea of who has won: the acknowledged bid with the greatest amount; no two are equal here. */
export function auditedWinner(bids: readonly Acknowledged[], lot: LotId): Acknowledged | undefined {
  let winner: Acknowledged | undefined;
  for (const bid of bids) {
    if (bid.lot !== lot) continue;
    if (winner === undefined || bid.amount > winner.amount) winner = bid;
  }
  return winner;
}

interface Load {
  /** Every bid that was answered with a yes. */
  readonly accepted: readonly Acknowledged[];
  /** Why others were answered with a no. */
  readonly noes: ReadonlySet<string>;
  /** Comes back when so many more are acknowledged. */
  more(count: number): Promise<unknown>;
  stop(): Promise<void>;
}

/** Everybody bids on one lot, several bids at a time, until told to stop. Only what is no answer ends it. */
export function startLoad(clients: readonly AuctionClient[], lot: LotId): Load {
  const accepted: Acknowledged[] = [];
  const noes = new Set<string>();
  let amount = 100;
  let isOver = false;
  const bidOn = async (client: AuctionClient) => {
    while (!isOver) {
      amount += 1;
      const [mine, id] = [amount, randomUUID() as CommandId];
      const answer = await client.bid({ lot, amount: mine as Amount, id });
      if (answer.outcome === 'accepted') accepted.push({ id, lot, position: answer.position, amount: mine });
      else noes.add(answer.reason);
    }
  };
  const all = Promise.all(clients.flatMap((client) => Array.from({ length: BIDS_AT_ONCE }, () => bidOn(client))));
  const stop = async () => {
    isOver = true;
    await all;
  };
  const more = (count: number) => {
    const enough = accepted.length + count;
    return until(`${count} more acknowledged bids`, () => accepted.length >= enough, 30_000);
  };
  return { accepted, noes, stop, more };
}

/** Every acknowledged bid is in the journal once, where its bidder was told; and nothing else is on this lot. */
export async function expectExactly(journal: string, accepted: readonly Acknowledged[], lot: LotId): Promise<void> {
  const records = await readPostgresJournal(journal);
  expect(records.map(({ position }) => position)).toEqual(records.map((_, index) => index + 1));
  const bids = records.filter((record) => record.lot === lot && record.public.kind === 'bid');
  const told = accepted.map(({ id, position, amount }) => ({ id, position, amount }));
  const recorded = bids.map(({ id, position, public: { amount } }) => ({ id, position, amount }));
  expect(recorded).toEqual(told.toSorted((one, other) => one.position - other.position));
  // By the rule of the increment each recorded bid is more than the one before, whichever nodes they came through.
  const amounts = recorded.map(({ amount }) => amount);
  expect(amounts).toEqual(amounts.toSorted((one, other) => one - other));
}
