/** What can ask to be recorded: a participant's command, and the three things that the house records by itself. */
import { readStamp } from '../../shared/timestamp/timestamp-token.ts';
import type { Rejected } from '../../shared/wire/commands.ts';
import type { DiscloseAnswer, SignedEvidence } from '../../shared/wire/http-endpoints.ts';
import type { Instant, LotId, Subject } from '../../shared/wire/vocabulary.ts';
import { decide } from '../auction/decide.ts';
import type { AuctionEvent, Role } from '../auction/events.ts';
import type { Lot } from '../auction/lot.ts';
import type { VerifiedCommand } from '../auction/verified-command.ts';
import {
  type ClosingEvidence,
  type RecordParts,
  recordOfClosing,
  recordOfCommand,
  recordOfDisclosure,
} from './event-record.ts';

/** What a request comes to: an event with its record, or an answer that says why not. */
export type Verdict<No> = { readonly event: AuctionEvent; readonly record: RecordParts } | { readonly no: No };

export interface Request<No> {
  /** Recorded once at most, so that a repeat is known for one. */
  readonly id: string;
  readonly lot: LotId;
  /** Who signed it; `undefined` for the house. */
  readonly subject: Subject | undefined;
  /** Judges the request against its lot as it stands. Pure: it may be asked again when the lot has changed. */
  judge(lot: Lot | undefined, nextNumber: number): Verdict<No>;
}

/** A bid that came just before the closing was recorded has moved it. */
export type NotDue = { readonly outcome: 'not-due' };

export function commandRequest(command: VerifiedCommand, evidence: SignedEvidence): Request<Rejected> {
  return {
    id: command.id,
    // A lot has the id of the command that lists it.
    lot: command.type === 'list' ? (command.id as string as LotId) : command.lot,
    subject: command.subject,
    judge: (lot, nextNumber) => {
      const decision = decide(lot, command, nextNumber);
      if (!decision.accepted) return { no: { outcome: 'rejected', reason: decision.reason } };
      return { event: decision.event, record: recordOfCommand(decision.event, evidence) };
    },
  };
}

/**
 * `evidence` is verified signed time, and `at` what it says; whether the lot is due by then is decided against the lot as it
 * then stands. Who closes many lots by one signed time reads it once.
 */
export function closingRequest(
  lotId: LotId,
  evidence: ClosingEvidence,
  at: Instant = readStamp(evidence.timestamp).at,
): Request<NotDue> {
  return {
    id: `closed:${lotId}`,
    lot: lotId,
    subject: undefined,
    judge: (lot, nextNumber) => {
      const decision = decide(lot, { type: 'close', lot: lotId, at }, nextNumber);
      if (!decision.accepted) return { no: { outcome: 'not-due' } };
      return { event: decision.event, record: recordOfClosing(decision.event, evidence) };
    },
  };
}

export function disclosureRequest(lot: LotId, envelopes: DiscloseAnswer): Request<never> {
  const event = { type: 'sale-disclosed', lot, envelopes } as const;
  return {
    id: `disclosed:${lot}`,
    lot,
    subject: undefined,
    judge: () => ({ event, record: recordOfDisclosure(event) }),
  };
}

export function acknowledgementRequest(lot: LotId, role: Role): Request<never> {
  const event = { type: 'notice-acknowledged', lot, role } as const;
  return {
    id: `acknowledged:${lot}:${role}`,
    lot,
    subject: undefined,
    judge: () => ({ event, record: recordOfDisclosure(event) }),
  };
}
