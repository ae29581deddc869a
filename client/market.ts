/** Keeps the model in step with the house: catches up at each session, puts announcements in order, asks for what is missing. */
import { digestOfTerms } from '../shared/crypto/digest.ts';
import { ProtocolError } from '../shared/errors.ts';
import type { Announcement, CatalogueLot } from '../shared/wire/announcements.ts';
import type { Position } from '../shared/wire/vocabulary.ts';
import { AnnouncementFeed, type Batch } from './connection/announcement-feed.ts';
import type { Current, DmsSession } from './connection/dms-session.ts';
import { remedyFor } from './connection/recovery.ts';
import { EMPTY_MODEL, type Model } from './store/model.ts';
import { type KnownAnnouncement, type Message, update } from './store/update.ts';

/** What is asked of a session. */
export type MarketSession = Pick<DmsSession, 'current' | 'lots' | 'announcementsSince' | 'close'>;

export interface MarketListener {
  /** Everything was fetched afresh: the model holds it. */
  afresh(): void;
  /** In order of position, each once. The model knows it already. */
  announced(announcement: Announcement): void;
  /** What a background question ended with, where that is no matter of the connection. */
  failed(error: unknown): void;
}

export class Market {
  readonly #listener: MarketListener;
  readonly #proves: boolean;
  readonly #feed = new AnnouncementFeed();
  #model: Model = EMPTY_MODEL;
  #session: MarketSession | undefined;
  /** Ticks of a session that come before its own beginning is known wait for it. */
  #isCaughtUp = false;
  #isFilling = false;

  /** `proves`: what became of the proof of each announcement will be told, as a message of type 'proved'. */
  constructor(listener: MarketListener, { proves = false }: { readonly proves?: boolean } = {}) {
    this.#listener = listener;
    this.#proves = proves;
  }

  get model(): Model {
    return this.#model;
  }

  /** How far everything was told; `undefined` before the first session. */
  get cursor(): Position | undefined {
    return this.#feed.cursor;
  }

  /** Takes a message of our own into the model: what the house answered to us alone. */
  tell(message: Message): void {
    this.#model = update(this.#model, message);
  }

  /** Lots as an answer has them, into the model. Throws `peer-untrusted` where the terms and their digest differ. */
  takeCatalogue(lots: readonly CatalogueLot[]): void {
    for (const lot of lots) {
      if (digestOfTerms(lot.terms) === lot.termsDigest) continue;
      throw new ProtocolError('peer-untrusted', `the digest of the terms of lot ${lot.number} is another one`);
    }
    this.tell({ type: 'catalogue', lots });
  }

  /** What is collected from here on belongs to a new session. */
  begin(): void {
    this.#session = undefined;
    this.#isCaughtUp = false;
    this.#feed.begin();
  }

  /** Catches up with a session that just began. */
  async open(session: MarketSession): Promise<void> {
    this.#session = session;
    const isFirst = this.cursor === undefined;
    // Continued from a position of an earlier run: the lots themselves are not known in this one.
    if (isFirst && session.current.catchUp.kind === 'missed') this.takeCatalogue((await session.lots('allitems')).lots);
    const offered = await session.lots('myitems');
    this.tell({ type: 'my-lots', lots: offered.lots.map(({ lot }) => lot) });
    this.#takeCurrent(session.current);
    this.#isCaughtUp = true;
    this.#deliverTicks();
  }

  collect(announcements: readonly Announcement[]): void {
    this.#feed.collect(announcements);
  }

  check(checkpoints: readonly { readonly after: Position; readonly position: Position }[]): void {
    for (const checkpoint of checkpoints) this.#feed.check(checkpoint);
    this.#deliverTicks();
  }

  #takeCurrent({ position, catchUp }: Current): void {
    if (catchUp.kind === 'snapshot') {
      this.takeCatalogue(catchUp.lots);
      this.#deliver(this.#feed.advance(position, []));
      this.#listener.afresh();
    } else {
      this.#deliver(this.#feed.advance(position, catchUp.announcements));
    }
  }

  #deliverTicks(): void {
    if (!this.#isCaughtUp) return;
    for (let batch = this.#feed.next(); batch !== undefined; batch = this.#feed.next()) this.#deliver(batch);
    if (this.#feed.gap !== undefined) this.#fillGap().catch((error) => this.#listener.failed(error));
  }

  #deliver({ announcements, position }: Batch): void {
    const told = announcements.map(known);
    this.tell({ type: 'announced', position, announcements: told, ...(this.#proves && { proves: true }) });
    for (const announcement of announcements) this.#listener.announced(announcement);
  }

  /** One question at a time; what is announced meanwhile waits in the feed. */
  async #fillGap(): Promise<void> {
    const [session, since] = [this.#session, this.#feed.gap];
    if (this.#isFilling || session === undefined || since === undefined) return;
    this.#isFilling = true;
    try {
      const current = await session.announcementsSince(since);
      // An answer to a session that is over says nothing that the next one would not.
      if (session === this.#session) this.#takeCurrent(current);
    } catch (error) {
      if (remedyFor(error) === undefined) throw error;
      // A session that does not answer this is of no use: the next one begins with the answer.
      session.close();
      return;
    } finally {
      this.#isFilling = false;
    }
    this.#deliverTicks();
  }
}

function known(announcement: Announcement): KnownAnnouncement {
  if (announcement.event !== 'someone_listed') return announcement;
  return { ...announcement, termsDigest: digestOfTerms(announcement.terms) };
}
