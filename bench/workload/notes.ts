/**
 * What the participants of a bench or a soak write down of what they did and heard, line by line. The auditor reads nothing
 * else of them.
 */
import { appendFileSync, createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { HostileMove } from '../../client/bots/workload/auction-mark.ts';
import type { Announcement } from '../../shared/wire/announcements.ts';

/** A participant, numbered from 0. */
export type Who = number;

/** Something that the house was asked to record. `amount` is there for a bid, `lot` is the command's own id for a listing. */
export interface Asked {
  readonly note: 'asked';
  readonly who: Who;
  readonly id: string;
  readonly lot: string;
  readonly amount?: number;
}

/** What became of it. `unknown`: it may be recorded. `refused`: it is not. */
export interface Answered {
  readonly note: 'answered';
  readonly who: Who;
  readonly id: string;
  readonly outcome: 'accepted' | 'rejected' | 'refused' | 'unknown';
  readonly position?: number;
  /** Of a rejection or refusal. */
  readonly reason?: string;
}

export type Note =
  /** From here on this one hears: everything after `since`; without it from the next snapshot on. */
  | { readonly note: 'enters'; readonly who: Who; readonly since?: number }
  /** Everything was fetched afresh, as it stood at this position. */
  | { readonly note: 'snapshot'; readonly who: Who; readonly position: number }
  /** What was heard since the last such line, in that order; everything up to `told` was told with it. */
  | { readonly note: 'heard'; readonly who: Who; readonly positions: readonly number[]; readonly told: number }
  /** An announcement as the first who heard it in this process did. */
  | { readonly note: 'content'; readonly announcement: Announcement }
  /** It was another one for this one. */
  | { readonly note: 'differs'; readonly who: Who; readonly announcement: Announcement }
  | Asked
  | Answered
  /** The private notice of an ended sale. `counterparty` is the name of the other one. */
  | {
      readonly note: 'sale';
      readonly who: Who;
      readonly lot: string;
      readonly role: 'seller' | 'winner';
      readonly outcome: 'sold' | 'unsold';
      readonly hammerPrice?: number;
      readonly counterparty?: string;
    }
  /** What somebody who means harm sent, and was answered. */
  | {
      readonly note: 'harmed';
      readonly who: Who;
      readonly move: HostileMove;
      readonly isAccepted: boolean;
      readonly code: string;
    }
  /** What the client could not use, or could not go on after. */
  | { readonly note: 'trouble' | 'failed'; readonly who: Who; readonly code: string; readonly text: string };

/** For processes that nobody kills: lines gather, and are written now and then. */
export class GatheredNotes {
  readonly path: string;
  #lines: string[] = [];

  constructor(path: string) {
    this.path = path;
  }

  write(note: Note): void {
    this.#lines.push(JSON.stringify(note), '\n');
  }

  flush(): void {
    appendFileSync(this.path, this.#lines.join(''), { mode: 0o600 });
    this.#lines = [];
  }
}

/** The notes of one process, from its start to its end. A line that a kill cut off is none. */
export async function* readNotes(path: string): AsyncGenerator<Note> {
  // Killed before it had anything to say.
  if (!existsSync(path)) return;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (line.endsWith('}')) yield JSON.parse(line) as Note;
  }
}

/** The user name of a participant. */
export function nameOf(who: Who): string {
  return `guest-${who}`;
}
