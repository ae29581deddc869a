/** Who is let in, judged the cheapest first: what can be refused without cryptography is, and the rest takes turns. */
import type { Subject } from '../../shared/wire/vocabulary.ts';
import { authenticatePeer, claimedSubject, type Peer, type PeerTrust } from './authenticate-peer.ts';
import { ADMISSION_TURNS, FairTurns } from './fair-turns.ts';

export interface AdmissionParts {
  /** Throws while nobody is let in. */
  readonly demandOpen: () => void;
  readonly limits: { demandWelcome(subject: Subject): void };
  readonly sessions: { demandRoom(subject: Subject): void };
  readonly trust: PeerTrust;
}

export class Admission {
  readonly #parts: AdmissionParts;
  /** By address: whose papers they are is not known yet. */
  readonly #turns = new FairTurns<string>(ADMISSION_TURNS);

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /** Verifies the `auth` of a connection, in the turn of its caller. Throws `ProtocolError`. */
  async authenticate(auth: unknown, caller: string): Promise<Peer> {
    const { demandOpen, limits, sessions, trust } = this.#parts;
    demandOpen();
    // By what the papers say themselves: a liar is refused for the sake of whom he claims to be, and no one else is.
    const claimed = claimedSubject(auth);
    if (claimed !== undefined) {
      limits.demandWelcome(claimed);
      sessions.demandRoom(claimed);
    }
    return authenticatePeer(auth, trust, (work) => this.#turns.take(caller, work));
  }
}
