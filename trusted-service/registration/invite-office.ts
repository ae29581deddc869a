/** Invites: the operator makes them, and each lets one key take a user name. */
import { randomBytes } from 'node:crypto';
import { ProtocolError } from '../../shared/errors.ts';
import { invariant } from '../../shared/invariant.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { InvitesAnswer, InvitesRequest } from '../../shared/wire/http-endpoints.ts';
import { Instant, type Subject } from '../../shared/wire/vocabulary.ts';
import type { AuditTrail } from '../audit/audit-journal.ts';
import { LAST_INSTANT } from '../clock/simulated-clock.ts';
import type { InviteRecords } from '../store/invite-records.ts';
import { hashOfInviteCode, makeInviteCode } from './invite-code.ts';

/** Long enough for a letter to arrive. */
const DEFAULT_LIFE_MS = 7 * 24 * 3_600_000;

export interface InviteOfficeParts {
  readonly invites: InviteRecords;
  readonly clock: Clock;
  readonly audit: AuditTrail;
}

export class InviteOffice {
  readonly #parts: InviteOfficeParts;

  constructor(parts: InviteOfficeParts) {
    this.#parts = parts;
  }

  /**
   * Makes invites. Their codes are in this answer and nowhere else: kept are digests. That the operator asked is for the
   * caller to have checked.
   */
  make({ count = 1, expiresInMs = DEFAULT_LIFE_MS, note }: InvitesRequest): InvitesAnswer {
    const { invites, clock, audit } = this.#parts;
    const madeAt = clock.now();
    const expiresAt = Instant.parse(Math.min(madeAt + expiresInMs, LAST_INSTANT));
    const codes = Array.from({ length: count }, () => makeInviteCode(randomBytes));
    audit.within((record) => {
      const numbers = codes.map((code) => {
        const codeHash = hashOfInviteCode(code);
        invariant(codeHash !== undefined, 'a code that was made is one');
        return invites.add({ codeHash, madeAt, expiresAt, note });
      });
      record({ type: 'invites-made', by: 'operator', first: numbers[0] ?? 0, count, expiresAt });
    });
    return { codes, expiresAt };
  }

  /**
   * The number of the invite with this code, if it is good for an enrolment now. What is wrong with it is not said:
   * nobody can find out which codes there were.
   * @throws ProtocolError 'invite-invalid'
   */
  demand(code: string): number {
    const { invites, clock } = this.#parts;
    const codeHash = hashOfInviteCode(code);
    const invite = codeHash === undefined ? undefined : invites.find(codeHash);
    if (invite === undefined || invite.isSpent || clock.now() >= invite.expiresAt) {
      throw new ProtocolError('invite-invalid');
    }
    return invite.number;
  }

  /** Spends an invite that was just demanded, in the transaction that takes the user name. */
  spend(number: number, by: Subject): void {
    const { invites, clock } = this.#parts;
    invariant(invites.spend(number, by, clock.now()), 'an invite is demanded and spent in one transaction');
  }
}
