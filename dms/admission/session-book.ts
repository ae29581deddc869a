/** Who is connected: every session, by participant, and the look through all of them for those that are over. */
import { ProtocolError, type RefusalCode } from '../../shared/errors.ts';
import type { Revocations } from '../../shared/pki/verify-certificate.ts';
import type { Instant, Subject } from '../../shared/wire/vocabulary.ts';
import type { Session } from './session.ts';

/** One participant's connections: a desk, a laptop, a telephone, some bots. */
export const MAX_SESSIONS_PER_SUBJECT = 8;

export class SessionBook {
  readonly #bySubject = new Map<Subject, Set<Session>>();

  /** Throws 'too-many-requests' if one more session of this participant would be one too many. */
  demandRoom(subject: Subject): void {
    const sessions = this.#bySubject.get(subject);
    if (sessions !== undefined && sessions.size >= MAX_SESSIONS_PER_SUBJECT) {
      throw new ProtocolError('too-many-requests', 'sessions');
    }
  }

  /** Throws as `demandRoom` does. */
  enter(session: Session): void {
    this.demandRoom(session.subject);
    const sessions = this.#bySubject.get(session.subject) ?? new Set();
    this.#bySubject.set(session.subject, sessions.add(session));
  }

  /** The connection is gone. */
  leave(session: Session): void {
    session.forget();
    const sessions = this.#bySubject.get(session.subject);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#bySubject.delete(session.subject);
  }

  /** Ends all sessions of a participant. */
  endAll(subject: Subject, code: RefusalCode, detail?: string): void {
    for (const session of [...(this.#bySubject.get(subject) ?? [])]) session.end(code, detail);
  }

  /** The admitted sessions of a participant. */
  admitted(subject: Subject): Session[] {
    return [...(this.#bySubject.get(subject) ?? [])].filter((session) => session.isAdmitted);
  }

  get all(): Session[] {
    return [...this.#bySubject.values()].flatMap((sessions) => [...sessions]);
  }

  /** Ends every session that is over at this trusted time, if there is one just now. */
  endDue(at: Instant | undefined, revocations: Revocations | undefined): void {
    for (const session of this.all) {
      const code = session.dueEnd(at, revocations);
      if (code !== undefined) session.end(code);
    }
  }
}
