/** What the program tells the shell. */
import { ProtocolError, type RefusalCode } from '../shared/errors.ts';
import { ClientError, type ClientErrorCode } from './client-error.ts';

export const EXIT = {
  done: 0,
  failure: 1,
  usage: 2,
  rejected: 3,
  notAuthorised: 4,
  unreachable: 5,
  untrusted: 6,
  outcomeUnknown: 7,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

/** The code for whatever ended the program. An error that nobody foresaw is a plain failure. */
export function exitCodeFor(error: unknown): number {
  if (error instanceof ClientError) return EXIT[COMPLAINT_EXITS[error.code] ?? 'usage'];
  if (error instanceof ProtocolError) return EXIT[REFUSAL_EXITS[error.code] ?? 'failure'];
  return EXIT.failure;
}

/** The code for an end from outside: 128 and the number of the signal; a reader who has heard enough is no failure. */
export function exitCodeForSignal(reason: unknown): number {
  return typeof reason === 'string' ? (SIGNAL_EXITS.get(reason) ?? EXIT.failure) : EXIT.failure;
}

const SIGNAL_EXITS: ReadonlyMap<string, number> = new Map([
  ['EPIPE', EXIT.done],
  ['SIGHUP', EXIT.hungUp],
  ['SIGINT', EXIT.interrupted],
  ['SIGTERM', EXIT.terminated],
]);

type Exit = keyof typeof EXIT;

const COMPLAINT_EXITS: { readonly [Code in ClientErrorCode]?: Exit } = {
  'passphrase-wrong': 'notAuthorised',
  'house-changed': 'untrusted',
  'home-of-other-root': 'untrusted',
  'lot-unknown': 'rejected',
  'journal-broken': 'untrusted',
  'root-differs': 'untrusted',
  'bundle-malformed': 'untrusted',
  'evidence-malformed': 'untrusted',
  'too-slow': 'unreachable',
};

const REFUSAL_EXITS: { readonly [Code in RefusalCode]?: Exit } = {
  'username-invalid': 'usage',
  'username-taken': 'usage',
  'subject-has-other-username': 'usage',

  'invite-required': 'notAuthorised',
  'invite-invalid': 'notAuthorised',
  'key-revoked': 'notAuthorised',
  'not-enrolled': 'notAuthorised',
  'not-certificate-owner': 'notAuthorised',
  'certificate-revoked': 'notAuthorised',
  'certificate-expired': 'notAuthorised',
  'certificate-not-yet-valid': 'notAuthorised',
  'token-invalid': 'notAuthorised',
  'token-expired': 'notAuthorised',
  'token-not-for-certificate': 'notAuthorised',
  'proof-invalid': 'notAuthorised',
  'proof-expired': 'notAuthorised',
  'proof-replayed': 'notAuthorised',
  'operator-token-required': 'notAuthorised',
  'session-proof-invalid': 'notAuthorised',

  'trusted-service-unreachable': 'unreachable',
  'dms-unreachable': 'unreachable',
  'trusted-time-unavailable': 'unreachable',
  'clock-stepped': 'unreachable',
  'state-unwritable': 'unreachable',
  'signer-expired': 'unreachable',
  'shutting-down': 'unreachable',
  'journal-unavailable': 'unreachable',
  'too-many-requests': 'unreachable',
  'session-expired': 'unreachable',
  'handshake-timeout': 'unreachable',

  'peer-untrusted': 'untrusted',
  'signature-invalid': 'untrusted',
  'certificate-malformed': 'untrusted',
  'certificate-untrusted': 'untrusted',
  'revocation-list-invalid': 'untrusted',
  'revocation-list-stale': 'untrusted',
  'key-set-invalid': 'untrusted',
  'timestamp-invalid': 'untrusted',
  'timestamp-not-for-statement': 'untrusted',
  'timestamp-wrong-clock': 'untrusted',
  'envelope-unreadable': 'untrusted',
  'evidence-invalid': 'untrusted',
  'wrong-house': 'untrusted',
  'log-inconsistent': 'untrusted',
  'receipt-invalid': 'untrusted',
  'announcement-false': 'untrusted',
  'merkle-proof-invalid': 'untrusted',

  'outcome-unknown': 'outcomeUnknown',
};
