/** What a participant of the workload is told to do, how it went, and what whoever tells them knows of the house. */
import type { TimedLot } from '../../client/bots/workload/auction-mark.ts';
import type { LotTerms } from '../../shared/wire/commands.ts';
import type { LotId } from '../../shared/wire/vocabulary.ts';
import type { Answered, Who } from './notes.ts';

export type Order =
  | { readonly kind: 'bid'; readonly lot: LotId; readonly amount: number }
  | { readonly kind: 'list'; readonly terms: LotTerms }
  | { readonly kind: 'allitems' | 'myitems' };

/** How it went. `absent`: the participant was not there, and nothing was done. */
export interface Outcome {
  readonly outcome: Answered['outcome'] | 'answered' | 'absent';
  readonly reason?: string;
  readonly lot?: string;
  readonly position?: number;
}

/** The participants, wherever they are. */
export interface People {
  isPresent(who: Who): boolean;
  /** `due` is the moment at which it was to be done, by `performance.now()`. */
  do(who: Who, order: Order, due: number): Promise<Outcome>;
  /** Resolves when this one has left, or is not there. */
  leave(who: Who): Promise<void>;
  enter(who: Who): void;
  /** Another one when all who are with this one were sent in again. */
  lifeOf(who: Who): number;
}

export interface BoardLot extends TimedLot {
  readonly lot: LotId;
  readonly startingPrice: number;
  /** The greatest bid that was heard of. */
  readonly leadingAmount: number | undefined;
}

/** The house as everybody sees it. */
export interface Board {
  /** The trusted time. */
  now(): number;
  open(): readonly BoardLot[];
  /** The last ones that ended. */
  ended(): readonly BoardLot[];
  has(lot: string): boolean;
}
