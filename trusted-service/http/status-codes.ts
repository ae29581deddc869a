/** The HTTP status of each refusal (RFC 9110 section 15). Codes tell programs what is wrong; the status tells proxies. */
import type { RefusalCode } from '../../shared/errors.ts';

const BAD_REQUEST = 400;
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
const NOT_FOUND = 404;
const CONFLICT = 409;
const CONTENT_TOO_LARGE = 413;
const MISDIRECTED = 421;
const UNPROCESSABLE = 422;
/** RFC 6585, section 4: it is the caller who asks too much, and not the service that has too much to do. */
export const TOO_MANY_REQUESTS = 429;
const INTERNAL = 500;
const UNAVAILABLE = 503;

/** Codes that stand here; every other one is a 400 for what was sent. */
const STATUS: Partial<Record<RefusalCode, number>> = {
  'frame-too-large': CONTENT_TOO_LARGE,
  'too-many-requests': UNAVAILABLE,
  'not-found': NOT_FOUND,
  'origin-not-allowed': FORBIDDEN,
  'host-not-allowed': MISDIRECTED,

  'certificate-untrusted': FORBIDDEN,
  'certificate-expired': FORBIDDEN,
  'certificate-not-yet-valid': FORBIDDEN,
  'certificate-revoked': FORBIDDEN,
  'signature-invalid': FORBIDDEN,

  'username-taken': CONFLICT,
  'subject-has-other-username': CONFLICT,
  'invite-required': FORBIDDEN,
  'invite-invalid': FORBIDDEN,
  'key-revoked': FORBIDDEN,
  'not-enrolled': FORBIDDEN,
  'not-certificate-owner': FORBIDDEN,
  'clock-out-of-certificates': UNAVAILABLE,

  'proof-invalid': FORBIDDEN,
  'proof-expired': FORBIDDEN,
  'proof-replayed': FORBIDDEN,
  'operator-token-required': UNAUTHORIZED,
  'clock-not-simulated': FORBIDDEN,

  'root-key-needed': CONFLICT,
  'rotation-too-soon': CONFLICT,

  'evidence-invalid': UNPROCESSABLE,
  'disclosure-conflict': CONFLICT,
  'checkpoint-not-next': CONFLICT,
  'log-inconsistent': CONFLICT,
  'log-too-short': NOT_FOUND,

  'shutting-down': UNAVAILABLE,
  internal: INTERNAL,
};

/** The status that a refusal is answered with. */
export function statusOf(code: RefusalCode): number {
  return STATUS[code] ?? BAD_REQUEST;
}

/** Whether to try the same again in a moment may help (`Retry-After`, RFC 9110 section 10.2.3). */
export function isPassing(code: RefusalCode): boolean {
  return statusOf(code) === UNAVAILABLE && code !== 'clock-out-of-certificates';
}
