/** Everything the screen knows, as one value that never changes: update.ts makes the next one from a message. */
import type { Instant, LotId, Position } from '../../shared/wire/vocabulary.ts';
import type { Intent } from '../commands/intent.ts';
import { EMPTY_PROMPT, type Prompt } from '../prompt/prompt.ts';
import type { Stage } from '../send-command.ts';
import { EMPTY_MODEL, type HeardBid, type Model } from '../store/model.ts';
import type { Standing } from '../store/select.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Who takes part, and where. */
export interface Party {
  readonly username: string;
  readonly subject: string;
}

/** A reading of all clocks at once. `monotonic` is this machine's, for ages and pauses; nothing is judged by it. */
export interface Moment {
  readonly at: Instant;
  readonly simulated: boolean;
  /** Whether a signed time is known; until then `at` is this machine's. */
  readonly signed: boolean;
  /** How far the trusted time is ahead of this machine's clock. */
  readonly aheadMs: number;
  readonly monotonic: number;
  /** What local time is ahead of UTC. */
  readonly zoneMs: number;
}

export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'up'; readonly latencyMs?: number }
  /** The session ended because papers did: new ones are on their way. */
  | { readonly kind: 'renewing' }
  | {
      readonly kind: 'down';
      readonly reason: string;
      /** Since when, on the monotonic clock. */
      readonly since: number;
      /** The attempt that comes next, and when. */
      readonly attempt: number;
      readonly nextTryAt: number;
    };

export type SortKey = 'time left' | 'number' | 'price' | 'bids';
export type Filter = 'all' | 'open' | 'watched' | 'my bids' | 'my lots';
export const SORTS: readonly SortKey[] = ['time left', 'number', 'price', 'bids'];
export const FILTERS: readonly Filter[] = ['all', 'open', 'watched', 'my bids', 'my lots'];

export type Tone = 'plain' | 'good' | 'bad' | 'warn' | 'faint';

/** Whether the journal holds what was announced; of a command of ours the receipt says so. */
export type Proof = 'checking' | 'verified' | 'receipt' | 'failed';

/** One line of what happened. */
export interface EventLine {
  readonly at: Instant;
  readonly text: string;
  /** What is said more quietly behind it. */
  readonly detail?: string;
  readonly tone: Tone;
  readonly position?: Position;
  readonly proof?: Proof;
}

export type NoticeKind = 'outbid' | 'ending' | 'won' | 'lost' | 'disclosed' | 'unsold' | 'sold' | 'alarm';

/** Something that concerns us. */
export interface Notice {
  readonly kind: NoticeKind;
  readonly at: Instant;
  readonly text: string;
  readonly lot?: LotId;
}

/** A command on its way. */
export interface Running {
  readonly number: number;
  readonly name: string;
  readonly lot?: LotId;
  readonly startedAt: number;
  /** Asked for by a key: its answer opens nothing. */
  readonly quiet?: true;
  readonly stages: readonly Stage[];
  /** How many records an audit has read. */
  readonly records?: number;
}

/** A question that has to be answered before a command goes. */
export interface Question {
  readonly line: string;
  readonly intent: Intent;
  readonly code: string;
  readonly lines: readonly string[];
}

/** What stands in the place of the table. */
export type Pane =
  | { readonly kind: 'help'; readonly scroll: number }
  | { readonly kind: 'lot'; readonly lot: LotId; readonly scroll: number }
  | { readonly kind: 'notices'; readonly scroll: number }
  | { readonly kind: 'text'; readonly title: string; readonly lines: readonly string[]; readonly scroll: number };

/** The last answer or complaint, said once, below the table. */
export interface Flash {
  readonly text: string;
  readonly tone: Tone;
  readonly until: number;
}

export interface ScreenState {
  readonly size: Size;
  readonly moment: Moment;
  readonly party?: Party;
  readonly certificateEndsAt?: Instant;
  readonly connection: Connection;
  readonly model: Model;
  readonly sort: SortKey;
  readonly filter: Filter;
  readonly selected?: LotId;
  /** Newest last. */
  readonly events: readonly EventLine[];
  readonly notices: readonly Notice[];
  readonly unseen: number;
  readonly prompt: Prompt;
  readonly running: readonly Running[];
  readonly question?: Question;
  /** Whether somebody read here what a bid means. */
  readonly hasBeenTold: boolean;
  readonly pane?: Pane;
  readonly flash?: Flash;
  /** Somebody wanted to go while the house had not answered, and was told so. */
  readonly leaving?: true;
  /** Bids on lots from before we listened, as the public log has them. */
  readonly pasts: ReadonlyMap<LotId, readonly HeardBid[]>;
  /** The standing of each lot that was last spoken about. */
  readonly told: ReadonlyMap<LotId, Standing>;
  /** Numbers commands. */
  readonly count: number;
}

export function initialState(size: Size, moment: Moment): ScreenState {
  return {
    size,
    moment,
    connection: { kind: 'connecting' },
    model: EMPTY_MODEL,
    sort: 'time left',
    filter: 'all',
    events: [],
    notices: [],
    unseen: 0,
    prompt: EMPTY_PROMPT,
    running: [],
    hasBeenTold: false,
    pasts: new Map(),
    told: new Map(),
    count: 0,
  };
}
