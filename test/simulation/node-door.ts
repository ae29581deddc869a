/** The door of a simulated node: the real sessions and their book, as `dms/node.ts` has them. Papers are judged here without their signatures. */
import { lapseOf, type Peer } from '../../dms/admission/authenticate-peer.ts';
import { Session } from '../../dms/admission/session.ts';
import { SessionBook } from '../../dms/admission/session-book.ts';
import type { Connection } from '../../dms/gateway/dispatch.ts';
import type { TrustedTime } from '../../dms/trusted-time.ts';
import { encodeBase64url } from '../../shared/bytes.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Prove } from '../../shared/wire/socket-events.ts';
import type { SessionId } from '../../shared/wire/vocabulary.ts';
import type { Listener } from './hall.ts';
import { UNREAD_NODE } from './issuing.ts';
import type { Line } from './network.ts';
import type { NodeRevocations } from './node-revocations.ts';
import { insteadOf } from './plant.ts';
import { clockOf, type Surroundings } from './surroundings.ts';
import { HOUSE, newSalt, newUuid } from './vocabulary.ts';

export class NodeDoor {
  readonly #around: Surroundings;
  readonly #time: TrustedTime;
  readonly #revocations: NodeRevocations;
  readonly #book = new SessionBook();

  constructor(around: Surroundings, time: TrustedTime, revocations: NodeRevocations) {
    this.#around = around;
    this.#time = time;
    this.#revocations = revocations;
  }

  /** Throws what the papers are refused for. */
  async admit(guest: Listener, peer: Peer, line: Line): Promise<Connection> {
    const { life, world } = this.#around;
    await this.#demandGood(peer);
    const session = this.#createSession(peer, line);
    this.#book.enter(session);
    world.auditor.sessions.begun(life, session);
    void line.ended.then(() => {
      this.#book.leave(session);
      world.auditor.sessions.left(session);
    });
    // A signature is verified in another thread, and no seed decides when: so nothing else happens meanwhile.
    const prove = (proof: Prove) => world.scheduler.hold(() => session.prove(proof));
    return {
      session: insteadOf(session, { prove }),
      join: () => life.hall.join(line, guest),
      sendNotices: () => {
        const notices = life.pendingNotices(guest.subject);
        if (notices.length > 0) line.tell(() => guest.noticed(notices));
      },
    };
  }

  #createSession(peer: Peer, line: Line): Session {
    const { random, auditor, scheduler } = this.#around.world;
    const session: Session = new Session(peer, {
      ...{ house: HOUSE, time: this.#time, node: UNREAD_NODE, clock: clockOf(this.#around), onForget: () => undefined },
      newId: () => newUuid(random) as SessionId,
      newNonce: () => encodeBase64url(newSalt(random)),
      onEnd: (code) => {
        auditor.sessions.ended(session, code);
        // The last words go out before the connection ends, and what arrives meanwhile is looked at.
        scheduler.after(random.below(1_000), () => line.cut());
      },
    });
    return session;
  }

  /** Ends what is over. */
  sweep(): void {
    this.#book.endDue(...this.#revocations.present());
  }

  /** What `authenticatePeer` looks at beside the signatures. */
  async #demandGood(peer: Peer): Promise<void> {
    const known = await this.#revocations.at(this.#time.now());
    const lapse = lapseOf(peer, this.#time.now(), known);
    if (lapse !== undefined) throw new ProtocolError(lapse);
  }
}
