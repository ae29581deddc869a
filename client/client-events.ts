/** What an `AuctionClient` tells by itself. */
import type { Announcement } from '../shared/wire/announcements.ts';
import type { Instant, LotId, Position } from '../shared/wire/vocabulary.ts';
import type { LinkState } from './connection/link.ts';
import type { Sale } from './notice-desk.ts';
import type { AnnouncementProof } from './proof/announcement-prover.ts';
import type { Fork } from './proof/log-watch.ts';
import type { ClockStep } from './trusted-clock.ts';

export interface AuctionClientEvents {
  /** Public, in order of position, each once. The model knows it already. */
  announcement: Announcement;
  /** Everything was fetched afresh (too much was missed to tell it one by one): the model holds it. */
  snapshot: Position;
  /** A lot of ours, or one that we won, has ended: verified, and kept on disk. */
  'auction-closed': Sale;
  /** The connection went down or came back. */
  link: LinkState;
  /** The session was extended with a fresh token, or certificate and token; it lasts until then if it is not again. */
  renewed: Instant;
  /** The trusted time is another one than was shown: somebody set the clock, or this machine slept. */
  clock: ClockStep;
  /** The house has shown two journals that do not fit together: the evidence is kept, and the client fails. */
  fork: Fork;
  /** An announcement is what the journal says, or is not (`proveAnnouncements`). The model knows it already. */
  proof: AnnouncementProof;
  /** Something that the house sent was not usable; the client goes on. */
  trouble: { readonly error: unknown; readonly lot?: LotId };
  /** The client can't go on: the certificate was revoked, the house is not who it was, … */
  failed: unknown;
}
