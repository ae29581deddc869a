/** A seller who always has some lots in the house: what was sold, or ended by a journey in time, is followed by the next. */
import type { AuctionClient } from '../client/auction-client.ts';
import type { LotTerms } from '../shared/wire/commands.ts';
import type { Amount, Currency, Instant } from '../shared/wire/vocabulary.ts';
import type { Chance } from './chance.ts';

export interface LotIdea {
  readonly title: string;
  /** In cents. */
  readonly startingPrice: number;
  readonly increment: number;
}

export interface SellerParts {
  readonly client: Pick<AuctionClient, 'list' | 'model' | 'time'>;
  readonly ideas: readonly LotIdea[];
  /** How long the first lots are open, in minutes: so many are open at every time. */
  readonly firstMinutes: readonly number[];
  readonly chance: Chance;
}

const MINUTE_MS = 60_000;
/** Of later lots. */
const MINUTES = { least: 2, most: 25 };
/** A bid in the last moments gives the others time to answer, for a while. */
const EXTENSION = { window: 20_000, by: 20_000, atMost: 2 * MINUTE_MS };

export class LivelySeller {
  readonly #parts: SellerParts;
  #listed = 0;

  constructor(parts: SellerParts) {
    this.#parts = parts;
  }

  /** Lists one lot more if too few are open. Says whether it did. Throws the house's refusal. */
  async listNext(): Promise<boolean> {
    const { client, firstMinutes, ideas, chance } = this.#parts;
    const now = client.time().at;
    const open = [...client.model.lots.values()].filter(({ mine, status, closesAt }) => {
      return mine && status === 'open' && closesAt > now;
    });
    const idea = ideas[this.#listed % ideas.length];
    if (open.length >= firstMinutes.length || idea === undefined) return false;
    const minutes = firstMinutes[this.#listed] ?? chance.between(MINUTES.least, MINUTES.most);
    const answer = await client.list(termsOf(idea, now + Math.round(minutes * MINUTE_MS)));
    if (answer.outcome === 'rejected') return false;
    this.#listed += 1;
    return true;
  }

  /** Lists the first lots, one after the other. */
  async open(): Promise<void> {
    for (const _ of this.#parts.firstMinutes) await this.listNext();
  }
}

function termsOf({ title, startingPrice, increment }: LotIdea, closesAt: number): LotTerms {
  return {
    title,
    currency: 'EUR' as Currency,
    startingPrice: startingPrice as Amount,
    increment: increment as Amount,
    closesAt: closesAt as Instant,
    extension: {
      window: EXTENSION.window,
      by: EXTENSION.by,
      until: (closesAt + EXTENSION.atMost) as Instant,
    },
  };
}
