/**
 * What can go wrong, as whoever uses `AuctionClient` has to react: a small tree of errors, and a kind for every code.
 * A no by the rules of the auction is not here: it is an answer, `outcome: 'rejected'`.
 */
import { ProtocolError, type RefusalCode } from '../shared/errors.ts';
import type { CommandId } from '../shared/wire/vocabulary.ts';
import { ClientError, type ErrorKind } from './client-error.ts';

/** A refusal on its way to the caller. Throw and catch its three children; `code` says more, `cause` how it came. */
export abstract class AuctionError extends ProtocolError {
  abstract readonly kind: ErrorKind;
  /** The id of the command that this is about: for a `FailedError`, the one to repeat it with. */
  readonly id: CommandId | undefined;

  constructor(code: RefusalCode, { detail, id, ...options }: AuctionErrorOptions = {}) {
    super(code, detail, options);
    this.id = id;
  }
}

interface AuctionErrorOptions extends ErrorOptions {
  readonly detail?: string | undefined;
  readonly id?: CommandId | undefined;
  readonly retryAfterMs?: number;
}

/** Refused, and refused again until somebody changes what was asked: never repeat it as it was. */
export class RejectedError extends AuctionError {
  readonly kind = 'rejected';
}

/** Trouble that passes. Repeat it, a command with the same id and content: it is recorded once at most. */
export class FailedError extends AuctionError {
  readonly kind = 'failed';
}

/** Somebody could not prove who they are, or what they said. Stop, and look into it: repeating it may do harm. */
export class TrustError extends AuctionError {
  readonly kind = 'trust';
}

/** Which kind of error something thrown is; `undefined` for what is none of ours, a mistake in a program. */
export function errorKindOf(error: unknown): ErrorKind | undefined {
  if (error instanceof ClientError) return error.kind;
  return error instanceof ProtocolError ? REFUSAL_KINDS[error.code] : undefined;
}

/** A refusal as an error of the tree, about this command if there is one. Everything else stays what it is. */
export function asAuctionError(error: unknown, id?: CommandId): unknown {
  if (!(error instanceof ProtocolError)) return error;
  if (error instanceof AuctionError && (id === undefined || error.id === id)) return error;
  const { code, detail, retryAfterMs } = error;
  const pause = retryAfterMs === undefined ? {} : { retryAfterMs };
  return new CLASSES[REFUSAL_KINDS[code]](code, { detail, id, cause: error, ...pause });
}

/** For the end of a promise: throws the error as one of the tree. */
export function raiseAuctionError(id?: CommandId): (error: unknown) => never {
  return (error) => {
    throw asAuctionError(error, id);
  };
}

type RefusalKind = Exclude<ErrorKind, 'usage'>;

const CLASSES = { rejected: RejectedError, failed: FailedError, trust: TrustError } as const;

/** Every code of the protocol. Where another attempt may end otherwise it is `failed`, whoever has to mend it. */
export const REFUSAL_KINDS: { readonly [Code in RefusalCode]: RefusalKind } = {
  // forms
  malformed: 'rejected',
  'frame-too-large': 'rejected',
  'too-many-requests': 'failed',
  'not-found': 'rejected',
  'origin-not-allowed': 'rejected',
  'host-not-allowed': 'rejected',

  // signatures and certificates
  'signature-invalid': 'trust',
  'certificate-malformed': 'trust',
  'certificate-untrusted': 'trust',
  'certificate-expired': 'failed',
  'certificate-not-yet-valid': 'failed',
  'certificate-revoked': 'rejected',
  'revocation-list-invalid': 'trust',
  'revocation-list-stale': 'failed',
  'key-set-invalid': 'trust',

  // enrolment
  'csr-invalid': 'rejected',
  'username-invalid': 'rejected',
  'username-taken': 'rejected',
  'subject-has-other-username': 'rejected',
  'invite-required': 'rejected',
  'invite-invalid': 'rejected',
  'key-revoked': 'rejected',
  'not-enrolled': 'rejected',
  'not-certificate-owner': 'rejected',
  'clock-out-of-certificates': 'rejected',
  'clock-stepped': 'failed',
  'time-not-confirmed': 'rejected',
  'signer-expired': 'failed',
  'state-unwritable': 'failed',

  // access
  'token-invalid': 'failed',
  'token-expired': 'failed',
  'token-not-for-certificate': 'failed',
  'proof-invalid': 'rejected',
  'proof-expired': 'failed',
  'proof-replayed': 'rejected',
  'operator-token-required': 'rejected',
  'clock-not-simulated': 'rejected',

  // RFC 3161 queries
  'timestamp-query-unsupported': 'rejected',
  'timestamp-digest-unsupported': 'rejected',
  'timestamp-policy-unsupported': 'rejected',
  'timestamp-extension-unsupported': 'rejected',

  // session
  'not-admitted': 'failed',
  'handshake-timeout': 'failed',
  'handshake-out-of-order': 'failed',
  'session-proof-invalid': 'rejected',
  'session-expired': 'failed',
  'too-slow': 'failed',

  // commands
  'envelope-unreadable': 'failed',
  'statement-not-by-session': 'rejected',
  'wrong-house': 'trust',
  'id-in-use': 'rejected',
  'timestamp-invalid': 'trust',
  'timestamp-not-for-statement': 'trust',
  'timestamp-wrong-clock': 'trust',
  'merkle-proof-invalid': 'trust',
  'timestamp-stale': 'failed',
  'timestamp-ahead': 'failed',
  'notice-not-found': 'rejected',

  // rotation of the authority's keys
  'root-key-needed': 'rejected',
  'rotation-too-soon': 'failed',

  // disclosure
  'evidence-invalid': 'trust',
  'disclosure-conflict': 'rejected',

  // the journal
  'journal-locked': 'rejected',
  'journal-foreign': 'rejected',
  'journal-too-new': 'rejected',
  'journal-damaged': 'rejected',
  'journal-unusable': 'rejected',
  'journal-behind': 'rejected',
  'journal-unavailable': 'failed',
  'record-damaged': 'rejected',

  // the public log
  'log-too-short': 'rejected',
  'log-inconsistent': 'trust',
  'announcement-false': 'trust',
  'opening-invalid': 'trust',
  'checkpoint-not-next': 'rejected',
  'receipt-invalid': 'trust',

  // the services themselves
  'trusted-service-unreachable': 'failed',
  'dms-unreachable': 'failed',
  'peer-untrusted': 'trust',
  'trusted-time-unavailable': 'failed',
  'outcome-unknown': 'failed',
  'shutting-down': 'failed',
  internal: 'failed',
};
