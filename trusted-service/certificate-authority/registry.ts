/** Who is who: keys, their user names, and how their owners are reached. */
import { ProtocolError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { foldUserName, parseUserName } from '../../shared/user-name.ts';
import type { Subject } from '../../shared/wire/vocabulary.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { InviteOffice } from '../registration/invite-office.ts';
import type { Participant, ParticipantRecords } from '../store/participant-records.ts';

/** Control, format, private and unassigned characters, line and paragraph separators. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

/** As it came over the network. */
export interface Application {
  readonly username: string;
  /** Absent: as it was. Empty: none any more. */
  readonly contact?: string | undefined;
  readonly invite?: string | undefined;
}

export class Registry {
  readonly #records: ParticipantRecords;
  readonly #clock: Clock;
  readonly #invites: InviteOffice | undefined;

  /** `invites` where only who was invited may enrol. */
  constructor(records: ParticipantRecords, clock: Clock, invites?: InviteOffice) {
    this.#records = records;
    this.#clock = clock;
    this.#invites = invites;
  }

  /**
   * Throws what `enrol` would throw, and changes nothing: so that nothing is signed for who can't be enrolled.
   * @throws ProtocolError 'username-invalid' | 'username-taken' | 'subject-has-other-username' | 'malformed' |
   *   'invite-required' | 'invite-invalid'
   */
  examine(subject: Subject, application: Application): void {
    this.#judge(subject, application);
  }

  /**
   * Enters a key under a name, or finds it entered under that name already and updates the contact. A newcomer's
   * invite is spent. To be called in the
   * transaction that records the certificate.
   * @throws ProtocolError as `examine`
   */
  enrol(subject: Subject, application: Application, record: (event: AuditEvent) => void): void {
    const { known, participant, invite } = this.#judge(subject, application);
    if (known === undefined) {
      this.#records.add(participant, this.#clock.now());
      if (invite !== undefined) this.#invites?.spend(invite, subject);
      record({ type: 'enrolled', by: 'owner', subject, ...(invite === undefined ? {} : { invite }) });
    } else if (participant.contact !== known.contact) {
      this.#records.setContact(subject, participant.contact);
    }
  }

  find(subject: Subject): Participant | undefined {
    return this.#records.find(subject);
  }

  #judge(subject: Subject, application: Application): Judgement {
    const username = parseUserName(application.username);
    const foldedUsername = foldUserName(username);
    const contact = parseContact(application.contact);
    const known = this.#records.find(subject);
    if (known !== undefined) {
      if (known.foldedUsername !== foldedUsername) throw new ProtocolError('subject-has-other-username');
      return {
        known,
        participant: { ...known, contact: contact === undefined ? known.contact : contact || undefined },
      };
    }
    // Before the name: who was not invited can't find out which names there are.
    const invite = this.#demandInvite(application.invite);
    if (this.#records.findByName(foldedUsername) !== undefined) throw new ProtocolError('username-taken');
    return { known, invite, participant: { subject, username, foldedUsername, contact: contact || undefined } };
  }

  #demandInvite(code: string | undefined): number | undefined {
    if (this.#invites === undefined) return undefined;
    if (code === undefined) throw new ProtocolError('invite-required');
    return this.#invites.demand(code);
  }
}

/** What the registry will hold, and what it holds. */
interface Judgement {
  readonly known: Participant | undefined;
  readonly participant: Participant;
  /** The invite that a newcomer has, by its number. */
  readonly invite?: number | undefined;
}

/** One printable line. Its length is the schema's affair. */
function parseContact(text: string | undefined): string | undefined {
  const contact = text?.normalize('NFC').trim();
  if (contact !== undefined && UNPRINTABLE.test(contact)) {
    throw new ProtocolError('malformed', 'contact: it has control or format characters');
  }
  return contact;
}
