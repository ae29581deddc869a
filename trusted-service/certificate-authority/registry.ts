/** Who is who: keys, their user names, and how their owners are reached. */
import { ProtocolError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Subject } from '../../shared/wire/vocabulary.ts';
import type { Participant, ParticipantRecords } from '../store/participant-records.ts';
import { foldUserName, parseUserName } from './user-name.ts';

/** Control, format, private and unassigned characters, line and paragraph separators. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

/** As it came over the network. */
export interface Application {
  readonly username: string;
  /** Absent: as it was. Empty: none any more. */
  readonly contact?: string | undefined;
}

export class Registry {
  readonly #records: ParticipantRecords;
  readonly #clock: Clock;

  constructor(records: ParticipantRecords, clock: Clock) {
    this.#records = records;
    this.#clock = clock;
  }

  /**
   * Enters a key under a name, or finds it entered under that name already and updates the contact.
   * @throws ProtocolError 'username-invalid' | 'username-taken' | 'subject-has-other-username' | 'malformed'
   */
  enrol(subject: Subject, application: Application): Participant {
    const username = parseUserName(application.username);
    const foldedUsername = foldUserName(username);
    const contact = parseContact(application.contact);
    const known = this.#records.find(subject);
    if (known !== undefined) {
      if (known.foldedUsername !== foldedUsername) throw new ProtocolError('subject-has-other-username');
      return this.#update(known, contact);
    }
    if (this.#records.findByName(foldedUsername) !== undefined) throw new ProtocolError('username-taken');
    const participant = { subject, username, foldedUsername, contact: contact || undefined };
    this.#records.add(participant, this.#clock.now());
    return participant;
  }

  find(subject: Subject): Participant | undefined {
    return this.#records.find(subject);
  }

  #update(known: Participant, contact: string | undefined): Participant {
    if (contact === undefined || (contact || undefined) === known.contact) return known;
    const updated = { ...known, contact: contact || undefined };
    this.#records.setContact(known.subject, updated.contact);
    return updated;
  }
}

/** One printable line. Its length is the schema's affair. */
function parseContact(text: string | undefined): string | undefined {
  const contact = text?.normalize('NFC').trim();
  if (contact !== undefined && UNPRINTABLE.test(contact)) {
    throw new ProtocolError('malformed', 'contact: it has control or format characters');
  }
  return contact;
}
