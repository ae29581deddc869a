/** Which refusals pass, and what makes them pass. Everything that is not in this table is an answer to be told, not a bump on the road. */
import { ProtocolError, type RefusalCode } from '../../shared/errors.ts';

/** `wait`: nothing but time. The others: get this anew from the Trusted Service, and then try again. */
export type Remedy = 'wait' | 'certificate' | 'token' | 'time';

const REMEDIES: { readonly [Code in RefusalCode]?: Remedy } = {
  'certificate-expired': 'certificate',
  'certificate-not-yet-valid': 'certificate',
  'token-expired': 'token',
  'token-invalid': 'token',
  'token-not-for-certificate': 'token',
  'proof-expired': 'time',
  'timestamp-stale': 'wait',
  'timestamp-ahead': 'wait',
  'trusted-time-unavailable': 'wait',
  'revocation-list-stale': 'wait',
  // Just after a journey in time the authority may not have certified its own keys anew.
  'key-set-invalid': 'wait',
  'clock-stepped': 'wait',
  'state-unwritable': 'wait',
  'signer-expired': 'wait',
  'trusted-service-unreachable': 'wait',
  'dms-unreachable': 'wait',
  'outcome-unknown': 'wait',
  'shutting-down': 'wait',
  'journal-unavailable': 'wait',
  'too-many-requests': 'wait',
  'too-slow': 'wait',
  'not-admitted': 'wait',
  'session-expired': 'wait',
  'handshake-timeout': 'wait',
  'handshake-out-of-order': 'wait',
  // The session that it was sealed for ended meanwhile: the next one has another key.
  'envelope-unreadable': 'wait',
  internal: 'wait',
};

/** What to do about an error before the next attempt; `undefined` where another attempt would end the same. */
export function remedyFor(error: unknown): Remedy | undefined {
  return error instanceof ProtocolError ? REMEDIES[error.code] : undefined;
}

/** Whether a session ended for want of something that the client gets by itself, whatever else goes on: papers, or the time. */
export function isRenewable(error: unknown): boolean {
  const remedy = remedyFor(error);
  return remedy !== undefined && remedy !== 'wait';
}
