/**
 * The way of a command from a frame to what the rules may judge: a flat list of checks, the cheapest first. Nothing else
 * makes a `VerifiedCommand`.
 */
import { digestOfTerms } from '../../shared/crypto/digest.ts';
import { ProtocolError, type RefusalCode } from '../../shared/errors.ts';
import type { Revocations } from '../../shared/pki/verify-certificate.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Accepted } from '../../shared/wire/commands.ts';
import type { SignedEvidence } from '../../shared/wire/http-endpoints.ts';
import type { HouseId, Instant, Pseudonym, Subject } from '../../shared/wire/vocabulary.ts';
import { lapseOf } from '../admission/authenticate-peer.ts';
import type { Session } from '../admission/session.ts';
import type { VerifiedCommand } from '../auction/verified-command.ts';
import { checkFrame } from './check-frame.ts';
import { findRepeat, type Recordings } from './find-repeat.ts';
import type { Statements } from './open-statement.ts';
import type { FreshStamp, SignedCommand } from './stages.ts';
import { type StampTrust, verifyStamp } from './verify-stamp.ts';

export interface IntakeParts extends StampTrust {
  readonly house: Recordings & { readonly house: HouseId };
  readonly clock: Clock;
  readonly statements: Pick<Statements, 'open'>;
  readonly revocations: { at(at: number): Promise<Revocations> };
  readonly limits: { takeCommand(subject: Subject): void; countMistake(subject: Subject): void };
  readonly turns: {
    take<Result>(subject: Subject, work: () => Promise<Result>): Promise<Result>;
    putBack(subject: Subject): void;
  };
  /** Random, fresh at each call. */
  readonly newPseudonym: () => Pseudonym;
}

/** A repeat of what is recorded, with its answer; or a command for the rules, with what shows that it was really given. */
export type Intake =
  | { readonly repeat: Accepted }
  | { readonly command: VerifiedCommand; readonly evidence: SignedEvidence };

/** Only somebody else than an honest client sends these: they count against who sent them. */
const MISTAKES: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'malformed',
  'envelope-unreadable',
  'statement-not-by-session',
  'signature-invalid',
  'wrong-house',
  'id-in-use',
  'timestamp-invalid',
  'timestamp-not-for-statement',
  'timestamp-wrong-clock',
]);

/**
 * Opens and verifies the argument of `command` that just arrived on `session`. Call it before any `await`: the moment of
 * the call is when the frame arrived.
 * @throws ProtocolError with the code of the first check that fails
 */
export async function openCommand(frame: unknown, session: Session, parts: IntakeParts): Promise<Intake> {
  const arrived = parts.clock.monotonic();
  const { subject, peer } = session;
  try {
    // The handshake is done: who holds a stolen certificate without its key can't even use up its owner's turns.
    session.demandAdmitted();
    // It is not too large, and is a text.
    const sealed = checkFrame(frame);
    // Neither this participant's commands nor their mistakes have been too many.
    parts.limits.takeCommand(subject);
    return await parts.turns.take(subject, async () => {
      // The session may go on: its papers have not run out and are not revoked.
      session.demandLive(parts.time.now(), await parts.revocations.at(parts.time.now()));
      // It was sealed to this session's key, and the session's participant has signed it.
      const signed = await parts.statements.open(sealed, session);
      // It is meant for this house.
      if (signed.claims.aud !== parts.house.house) throw new ProtocolError('wrong-house');
      // It is not recorded yet. If it is, its sender gets the answer of then, and it is not judged again.
      const repeat = findRepeat(signed, parts.house);
      if (repeat !== undefined) return { repeat };
      // The authority has stamped this statement, just before it arrived.
      const stamp = await verifyStamp(signed, arrived, parts);
      // Its papers still hold, by what was learned meanwhile: the stamp may tell of another time, and revocations come.
      const now = parts.time.now();
      const lapse = lapseOf(session.peer, now, await parts.revocations.at(now));
      if (lapse !== undefined) throw new ProtocolError(lapse);
      const evidence = { ...signed.envelope, certificate: peer.certificate.pem };
      return { command: verifiedCommand(signed, stamp, parts.time.at(arrived), parts.newPseudonym()), evidence };
    });
  } catch (error) {
    if (error instanceof ProtocolError && MISTAKES.has(error.code)) {
      parts.limits.countMistake(subject);
      parts.turns.putBack(subject);
    }
    throw error;
  }
}

/** The one place where the brand is given. */
function verifiedCommand(
  { claims, subject }: SignedCommand,
  { at, serial }: FreshStamp,
  receivedAt: Instant,
  pseudonym: Pseudonym,
): VerifiedCommand {
  const { id } = claims;
  const stamped = { id, subject, pseudonym, at, serial, receivedAt };
  if (claims.type === 'bid') {
    const { lot, terms: termsDigest, amount } = claims;
    return { ...stamped, type: 'bid', lot, termsDigest, amount } as VerifiedCommand;
  }
  const { v: _v, aud: _aud, id: _id, type: _type, ...terms } = claims;
  return { ...stamped, type: 'list', terms, termsDigest: digestOfTerms(terms) } as VerifiedCommand;
}
