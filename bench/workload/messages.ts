/** What the bench and the processes of its participants say to each other: everything is asked under a number, and answered under it. */
import type { EnrolmentPlace } from '../commands/enrol-all.ts';
import type { Who } from './notes.ts';
import type { Order, Outcome } from './orders.ts';

/** A bid comes with the digest of the terms that it is under. */
export type FullOrder = Order & { readonly terms?: unknown };

/** A house, and where its participants enrol. */
export interface Place extends EnrolmentPlace {
  readonly houseUrl: string;
}

export interface Enrolment extends Place {
  /** The file of the notes of this process. */
  readonly notes: string;
  readonly members: readonly Who[];
}

export type CrowdQuestion =
  | ({ readonly type: 'enrol' } & Enrolment)
  /** Goes into the house, from where this one has been. */
  | { readonly type: 'enter'; readonly who: Who }
  | { readonly type: 'leave'; readonly who: Who }
  /** `due` is milliseconds since 1970, in parts of them. */
  | { readonly type: 'do'; readonly who: Who; readonly order: FullOrder; readonly due: number }
  /** Everybody who is there hears everything up to this position; then what was heard since the last time is told. */
  | { readonly type: 'collect'; readonly upTo: number }
  /** Everything is noted. */
  | { readonly type: 'end' };

/** An order that was carried out. */
export interface Done {
  readonly outcome: Outcome;
  /** How much later than it should it was begun. */
  readonly lateMs: number;
  /** The moment of the answer, as `due`. */
  readonly answeredAt: number;
}

/** A private notice. */
export interface Noticed {
  readonly lot: string;
  readonly role: 'seller' | 'winner';
  /** The trusted time at which it came, and at which its receiver had come. */
  readonly at: number;
  readonly enteredAt: number;
}

export interface Collected {
  /** Positions up to which everybody heard, and when the last of them did, as `due`. */
  readonly ticks: readonly (readonly [position: number, at: number])[];
  readonly noticed: readonly Noticed[];
  /** Why sessions ended that nobody here ended. */
  readonly ended: readonly string[];
}

export type CrowdAnswer = Done | Collected | { readonly done: true };

export interface Numbered<Message> {
  readonly number: number;
  readonly message: Message;
}
