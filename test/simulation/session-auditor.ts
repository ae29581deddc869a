/** The part of the auditor that looks at sessions: nothing new is taken from one that is over, by whatever ended it. */
import type { Peer } from '../../dms/admission/authenticate-peer.ts';
import type { Session } from '../../dms/admission/session.ts';
import type { RefusalCode } from '../../shared/errors.ts';
import type { Renew, RenewAnswer } from '../../shared/wire/socket-events.ts';
import type { Answered, SentCommand } from './intake.ts';
import type { NodeLife } from './node-life.ts';
import type { World } from './world.ts';

/** How far a node's trusted time can be from the authority's own. */
const TIME_IS_WRONG_BY_MS = 1_400;

/** What a command is refused for before anybody has looked into it: nothing of it goes on. */
const OF_A_SESSION: ReadonlySet<string> = new Set<RefusalCode>([
  'session-expired',
  'token-expired',
  'certificate-expired',
  'certificate-not-yet-valid',
  'certificate-revoked',
]);

interface KnownList {
  /** Serial numbers. */
  readonly revoked: ReadonlySet<string>;
  readonly nextUpdate: number;
  /** In which it came. */
  readonly epoch: number;
}

export class SessionAuditor {
  readonly #world: World;
  readonly #over = new Set<string>();
  /** Where everybody is who is in. */
  readonly #live = new Map<Session, NodeLife>();
  /** Commands that came once when nothing was against it: whatever comes of them later is theirs, unless they were told to come again. */
  readonly #entitled = new Set<string>();
  /** The revocation list that each node has. */
  readonly #known = new WeakMap<NodeLife, KnownList>();

  constructor(world: World) {
    this.#world = world;
  }

  /** A list was brought to a node, which could read it. Whoever is in by then and is on it has to be out at once. */
  learnt(life: NodeLife, list: Omit<KnownList, 'epoch'>, isOfThePresent: () => boolean): void {
    const { scheduler, auditor, authority } = this.#world;
    this.#known.set(life, { ...list, epoch: authority.epoch });
    scheduler.after(1, () => {
      if (!life.isOpen || !isOfThePresent()) return;
      for (const [session, at] of this.#live) {
        const isRevoked = at === life && list.revoked.has(session.peer.certificate.serialHex);
        auditor.demand(!isRevoked, 'a session of who is known to be revoked ends', `${life.name}: ${session.subject}`);
      }
    });
  }

  /** A node let somebody in. */
  begun(life: NodeLife, session: Session): void {
    this.#world.noteThat('sessions');
    this.#live.set(session, life);
    const isRevoked = this.#isKnownRevoked(life, session.peer);
    this.#world.auditor.demand(
      !isRevoked,
      'nobody is let in who is known to be revoked',
      `${life.name}: ${session.subject}`,
    );
  }

  /** Somebody shows papers to go on with. The result takes the answer. */
  renewing(life: NodeLife, session: Session, shown: Renew): (answer: RenewAnswer) => void {
    const { authority, auditor } = this.#world;
    const papers = authority.issuedAs(shown);
    const { subject } = session;
    const isRevoked = papers !== undefined && this.#isKnownRevoked(life, papers);
    // By a time that was set, and of which the node knows nothing yet, nobody can say what has ended.
    const now = life.epoch === authority.epoch ? authority.now() : 0;
    return (answer) => {
      const isAccepted = answer.outcome === 'accepted';
      this.#world.noteThat(isAccepted ? 'renewals' : `renewals refused by ${answer.code}`);
      if (!isAccepted) return;
      const who = `${life.name}: ${subject}`;
      const end = papers?.tokenExpiresAt ?? 0;
      auditor.demand(papers !== undefined, 'no session is renewed by papers that were never issued', who);
      auditor.demand(papers?.subject === subject, 'no session is renewed by papers of somebody else', who);
      auditor.demand(!isRevoked, 'no session is renewed by papers that are known to be revoked', who);
      auditor.demand(now <= end + TIME_IS_WRONG_BY_MS, 'no session is renewed by papers that have ended', who);
      auditor.demand(answer.expiresAt <= end, 'no session is promised to last longer than its papers', who);
    };
  }

  #isKnownRevoked(life: NodeLife, { certificate }: Peer): boolean {
    return this.#known.get(life)?.revoked.has(certificate.serialHex) === true;
  }

  /** The connection is gone. */
  left(session: Session): void {
    this.#live.delete(session);
  }

  /** A node ended a session. */
  ended(session: Session, code: string): void {
    this.#world.noteThat(`ends by ${code}`);
    this.#over.add(session.id);
    this.#live.delete(session);
  }

  /** A command arrived on a session. The result takes the answer that it gets there. */
  arrived(life: NodeLife, session: Session, sent: SentCommand): (answer: Answered) => void {
    const { authority, auditor } = this.#world;
    const { certificate, tokenExpiresAt } = session.peer;
    const isRecorded = auditor.truth.byId(sent.claims.id) !== undefined;
    const isOver = this.#over.has(session.id);
    const isRevoked = this.#isKnownRevoked(life, session.peer);
    const end = Math.min(tokenExpiresAt, certificate.notAfter) + TIME_IS_WRONG_BY_MS;
    // By a time that was set meanwhile nobody can say when it was.
    const [epoch, time] = [authority.epoch, authority.now()];
    const isOfNow = sent.stamp.epoch === epoch;
    const isExpired = isOfNow && time > end;
    if (!isOver && !isRevoked && !isExpired) this.#entitled.add(sent.claims.id);
    return (answer) => {
      if (answer.outcome === 'refused' && OF_A_SESSION.has(answer.code)) this.#entitled.delete(sent.claims.id);
      if (answer.outcome !== 'accepted' || isRecorded) return;
      // It may have been fetched for this very command.
      const list = this.#known.get(life);
      const isPast = isOfNow && list?.epoch === epoch && time > list.nextUpdate + TIME_IS_WRONG_BY_MS;
      auditor.demand(!isPast, 'nothing is taken without a revocation list of the present', () => sent.claims.id);
      if (this.#entitled.has(sent.claims.id)) return;
      const what = `${life.name}: ${sent.claims.id}`;
      auditor.demand(!isRevoked, 'nothing is taken from who is known to be revoked', what);
      auditor.demand(!isOver, 'nothing is taken from a session that is over', what);
      auditor.demand(!isExpired, 'nothing is taken by papers that have ended', what);
    };
  }
}
