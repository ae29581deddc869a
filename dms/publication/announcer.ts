/**
 * Letters on their way out: they gather for one tick, then go as one frame per kind. What everybody was told is kept for
 * those who come back. Pure bookkeeping; the gateway sends.
 */
import type {
  Announcement,
  AuctionClosed,
  Checkpoint,
  ItemClosed,
  SomeoneBid,
  SomeoneListed,
} from '../../shared/wire/announcements.ts';
import type { Position, Subject } from '../../shared/wire/vocabulary.ts';
import { AnnouncementLog } from './announcement-log.ts';
import type { Letter } from './letters.ts';

/** What one tick sends. The frames of a kind that has none are left out. */
export interface Tick {
  readonly listed: readonly SomeoneListed[];
  readonly bids: readonly SomeoneBid[];
  readonly closed: readonly ItemClosed[];
  /** Closes the public frames; absent if there are none. */
  readonly checkpoint?: Checkpoint;
  /** Private, in order of position. */
  readonly notices: readonly { readonly to: Subject; readonly notice: AuctionClosed }[];
}

export class Announcer {
  readonly #log: AnnouncementLog;
  /** Everything up to here has been told. */
  #told: Position;
  #waiting: { readonly position: Position; readonly letters: readonly Letter[] }[] = [];

  /** `from` is the head of the journal at the start: what was recorded before is not announced again. */
  constructor(from: Position) {
    this.#told = from;
    this.#log = new AnnouncementLog(from);
  }

  /** The position up to which everything that is meant for everybody was told. */
  get position(): Position {
    return this.#told;
  }

  /** Takes the letters of the record at `position`; in order. */
  publish(letters: readonly Letter[], position: Position): void {
    if (letters.length > 0) this.#waiting.push({ position, letters });
  }

  /** What was told to everybody after `since`; `undefined` where that is too far back, or has not been yet. */
  missed(since: Position): Announcement[] | undefined {
    return since > this.#told ? undefined : this.#log.since(since);
  }

  /** What has gathered since the last tick; from here on it counts as told. `undefined` if it is nothing. */
  flush(): Tick | undefined {
    if (this.#waiting.length === 0) return undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    const after = this.#told;
    for (const { position, letters } of waiting) {
      const announcements = letters.flatMap((letter) => ('announcement' in letter ? [letter.announcement] : []));
      if (announcements.length === 0) continue;
      this.#log.append(position, announcements);
      this.#told = position;
    }
    const letters = waiting.flatMap((release) => release.letters);
    const tick = sort(letters);
    return this.#told === after ? tick : { ...tick, checkpoint: { after, position: this.#told } };
  }
}

function sort(letters: readonly Letter[]): Omit<Tick, 'checkpoint'> {
  const tick = {
    listed: [] as SomeoneListed[],
    bids: [] as SomeoneBid[],
    closed: [] as ItemClosed[],
    notices: [] as { to: Subject; notice: AuctionClosed }[],
  };
  for (const letter of letters) {
    if ('announcement' in letter) addTo(tick, letter.announcement);
    else tick.notices.push(letter);
  }
  // A bid that was withheld is told late, under its own position.
  tick.bids.sort((one, other) => one.position - other.position);
  return tick;
}

/** The kind is said by the frame, and no longer by what is in it. */
function addTo(
  tick: { listed: SomeoneListed[]; bids: SomeoneBid[]; closed: ItemClosed[] },
  { event, ...announcement }: Announcement,
): void {
  // A union without its tag: the tag said which of the three it is.
  if (event === 'someone_listed') tick.listed.push(announcement as SomeoneListed);
  else if (event === 'someone_bid') tick.bids.push(announcement as SomeoneBid);
  else tick.closed.push(announcement as ItemClosed);
}
