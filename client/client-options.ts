/** How an `AuctionClient` is opened, how a command is given to it, and what it answers. */
import type { Clock } from '../shared/time/clock.ts';
import type { Accepted, Rejected } from '../shared/wire/commands.ts';
import type { CommandId, Position } from '../shared/wire/vocabulary.ts';
import type { Lots } from './connection/dms-session.ts';
import type { AccessOptions } from './open-access.ts';
import type { Stage } from './send-command.ts';

export interface ConnectOptions extends AccessOptions {
  /** `https://host:port` of the DMS. */
  readonly dmsUrl: string;
  /** Tells also what was announced since this position; without it the client begins with how everything stands. */
  readonly since?: Position;
  /** How long the first connection may take, with retries; 5 s if not given. */
  readonly connectLimitMs?: number;
  /** How long a command or question is repeated before it fails; 30 s if not given. */
  readonly answerLimitMs?: number;
  /**
   * Has every announcement compared with the journal that the house has signed: see the event `proof`. Costs a reading of
   * the public log. Not done if not given.
   */
  readonly proveAnnouncements?: boolean;
  /** Gives up connecting. */
  readonly signal?: AbortSignal;
  /** This machine's clocks; of the wall clock nothing is believed. */
  readonly clock?: Clock;
  /** Draws UUIDs of version 4. */
  readonly newId?: () => string;
  /** Lets `setTime` and `resetTime` set a simulated clock; sent with nothing else. */
  readonly operatorToken?: string;
}

export interface CommandOptions {
  /** Under which it may be repeated; drawn if not given. */
  readonly id?: CommandId;
  /** Called as the command goes through its stages; from `stamped` on again where it has to be sent again. */
  readonly onProgress?: (stage: Stage) => void;
}

/** The answer to a command, with the id under which it may be repeated. */
export type CommandResult = (Accepted | Rejected) & { readonly id: CommandId };

/** Lots at a position of the journal. */
export type LotList = Omit<Lots, 'outcome'>;
