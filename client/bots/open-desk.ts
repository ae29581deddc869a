/** A desk with everything that earlier runs left: commitments, commands without an answer, the pace, the bids of this home. */
import type { Clock } from '../../shared/time/clock.ts';
import type { KeptReceipt } from '../proof/proof-store.ts';
import { BiddingDesk, type DeskParts } from './bidding-desk.ts';
import type { BotClient } from './bot-client.ts';
import type { Decision } from './decision.ts';
import type { DecisionLog } from './decision-journal.ts';
import { Pace } from './pace.ts';
import { PaperClient } from './paper-client.ts';
import { recover } from './recover.ts';

export interface OpenDeskParts extends Omit<DeskParts, 'recovered' | 'pace' | 'journal'> {
  /** As the journal has it. */
  readonly strategy: string;
  readonly journal: DecisionLog & { readonly kept: readonly Decision[] };
  /** Of this home. */
  readonly receipts: readonly KeptReceipt[];
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** The client is another one on paper. */
export function openDesk(parts: OpenDeskParts): { readonly desk: BiddingDesk; readonly client: BotClient } {
  const { isPaper, journal, receipts, clock, strategy, limits } = parts;
  const { house } = parts.client;
  const recovered = recover(journal.kept, receipts, { house, now: parts.client.time(), isPaper });
  const client = isPaper ? new PaperClient(parts.client, recovered.commitments) : parts.client;
  const desk = new BiddingDesk({ ...parts, client, recovered, pace: new Pace(clock, recovered.agesMs) });
  const { currency, perMinute, budget } = limits;
  const terms = { currency, perMinute, ...(budget === undefined ? {} : { budget }) };
  desk.tell({ type: 'started', strategy, house, paper: isPaper, ...terms });
  return { desk, client };
}
