/** The part of the auditor that looks at sessions: nothing new is taken from one that is over, by whatever ended it. */
import type { Peer } from '../../dms/admission/authenticate-peer.ts';
import type { Session } from '../../dms/admission/session.ts';
import type { Answered, SentCommand } from './intake.ts';
import type { NodeLife } from './node-life.ts';
import type { World } from './world.ts';

/** How far a node's trusted time can be from the authority's own. */
const TIME_IS_WRONG_BY_MS = 1_400;

export class SessionAuditor {
  readonly #world: World;
  readonly #over = new Set<string>();
  /** Commands that came once when nothing was against it: whatever comes of them later is theirs. */
  readonly #entitled = new Set<string>();
  /** What each node has heard of revocations. */
  readonly #known = new WeakMap<NodeLife, ReadonlySet<string>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** A node has the newest list. */
  learnt(life: NodeLife, revoked: ReadonlySet<string>): void {
    this.#known.set(life, revoked);
  }

  /** A node let somebody in, or took his new papers. */
  let(life: NodeLife, { certificate, subject }: Peer): void {
    this.#world.noteThat('sessions and renewals');
    const isRevoked = this.#known.get(life)?.has(certificate.serialHex) === true;
    this.#world.auditor.demand(!isRevoked, 'nobody is let in who is known to be revoked', `${life.name}: ${subject}`);
  }

  /** A node ended a session. */
  ended(session: string, code: string): void {
    this.#world.noteThat(`ends by ${code}`);
    this.#over.add(session);
  }

  /** A command arrived on a session. The result takes the answer that it gets there. */
  arrived(life: NodeLife, session: Session, sent: SentCommand): (answer: Answered) => void {
    const { authority, auditor } = this.#world;
    const { certificate, tokenExpiresAt } = session.peer;
    const isRecorded = auditor.truth.byId(sent.claims.id) !== undefined;
    const isOver = this.#over.has(session.id);
    const isRevoked = this.#known.get(life)?.has(certificate.serialHex) === true;
    const end = Math.min(tokenExpiresAt, certificate.notAfter) + TIME_IS_WRONG_BY_MS;
    // By a time that was set meanwhile nobody can say when it was.
    const isExpired = sent.stamp.epoch === authority.epoch && authority.now() > end;
    if (!isOver && !isRevoked && !isExpired) this.#entitled.add(sent.claims.id);
    return (answer) => {
      if (answer.outcome !== 'accepted' || isRecorded || this.#entitled.has(sent.claims.id)) return;
      const what = `${life.name}: ${sent.claims.id}`;
      auditor.demand(!isOver, 'nothing is taken from a session that is over', what);
      auditor.demand(!isRevoked, 'nothing is taken from who is known to be revoked', what);
      auditor.demand(!isExpired, 'nothing is taken by papers that have ended', what);
    };
  }
}
