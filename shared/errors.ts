/**
 * Refusals: a message that can't be trusted, or can't be served now. Each has a code that never changes and one
 * sentence that says what to do. Programs and tests compare codes; people read sentences.
 */

const REFUSALS = {
  // forms
  malformed: 'The message does not have the form that the protocol asks for; compare it with docs/PROTOCOL.md.',
  'frame-too-large': 'The message is longer than allowed; shorten its text and send it again.',
  'too-many-requests': 'Too many requests in a short time; wait a moment, then send it again.',
  'not-found': 'There is nothing at this address; look at the list of routes in docs/PROTOCOL.md.',
  'origin-not-allowed': 'Requests from web pages are not served; use a Gavel client.',
  'host-not-allowed': 'This name is not one of the service; use the address that the service printed at its start.',

  // signatures and certificates
  'signature-invalid': 'The signature does not verify; sign again with the key that the certificate names.',
  'certificate-malformed': 'The certificate is not in the form that this house issues; enrol to get one.',
  'certificate-untrusted': "The certificate was not issued under this house's root; check the root, then enrol again.",
  'certificate-expired': 'The certificate has expired; renew it.',
  'certificate-not-yet-valid': 'The certificate is not valid yet at the trusted time; renew it.',
  'certificate-revoked': 'The certificate was revoked; enrol again with a new key.',
  'revocation-list-invalid': 'The revocation list does not verify; ask the operator of the Trusted Service.',
  'revocation-list-stale':
    'The revocation list is not of the present; wait until the Trusted Service answers with one that is.',
  'key-set-invalid': "The Trusted Service's keys do not verify under the root; check the root fingerprint.",

  // enrolment
  'csr-invalid': 'The certification request is not valid; make a new one with a P-256 key and an agreement key.',
  'username-invalid':
    'The user name is not allowed; use 3 to 32 letters, digits, dots, dashes or underscores of one script.',
  'username-taken': 'The user name is taken; choose another one.',
  'subject-has-other-username': 'This key is enrolled under another user name; use that name or a new key.',
  'invite-required':
    'Only who was invited may enrol here; ask the operator for an invite, and give its code (--invite).',
  'invite-invalid':
    'This invite is not good: mistyped, used before, or expired; compare it, or ask the operator for another one.',
  'key-revoked': 'This key was revoked; make a new key and enrol again under a new user name.',
  'not-enrolled': 'This key is not enrolled; enrol first.',
  'not-certificate-owner': "Only the certificate's own key or the operator may do this; sign with that key.",
  'clock-out-of-certificates':
    "No certificate can be issued at this simulated time: it is outside the authority's own life; reset the clock.",

  'clock-stepped':
    'The clock of the Trusted Service was set, so it signs no time; wait until its operator has confirmed the time.',
  'time-not-confirmed':
    "The machine's clock does not agree with the time that was given; set it right (NTP), then confirm the time again.",
  'signer-expired':
    "The certificate of the Trusted Service's own signer is not valid now, so it signs nothing; wait, or ask its operator.",
  'state-unwritable':
    'The Trusted Service can not write its state, so nothing was done; wait until its disk is mended, then send it again.',

  // access
  'token-invalid': 'The access token is not valid; ask the Trusted Service for a new one.',
  'token-expired': 'The access token has expired; ask the Trusted Service for a new one.',
  'token-not-for-certificate': 'The access token belongs to another certificate; ask for one with your own.',
  'proof-invalid': 'The proof does not verify; make a new one with the key that the certificate names.',
  'proof-expired': 'The proof is not of the present time; ask for the signed time and make a new one.',
  'proof-replayed': 'The proof was used before; make a new one.',
  'operator-token-required': "This needs the operator's token; send it as a bearer token.",
  'clock-not-simulated': 'The clock can be set only where the service was started with a simulated clock.',

  // RFC 3161 queries
  'timestamp-query-unsupported': 'The timestamp query is of another version; send one of version 1 (RFC 3161).',
  'timestamp-digest-unsupported': 'The timestamp query has another digest than SHA-256; hash the data with SHA-256.',
  'timestamp-policy-unsupported':
    'The timestamp policy is not that of this clock; leave it out, or ask for the one in docs/PROTOCOL.md.',
  'timestamp-extension-unsupported': 'The timestamp query has extensions, and none is known here; leave them out.',

  // session
  'not-admitted': 'The session is not open; finish the handshake first.',
  'handshake-timeout': 'The handshake took too long; connect again.',
  'handshake-out-of-order': 'The handshake has an order: hello once, then prove once; connect again.',
  'session-proof-invalid': 'The session proof does not verify; connect again.',
  'session-expired': 'The session has ended; connect again and continue from the last position.',
  'too-slow': 'The connection does not keep up; connect again and continue from the last position.',

  // commands
  'envelope-unreadable': "The envelope does not open; seal it to this session's sealing key.",
  'statement-not-by-session': "The statement is not by this session's participant; sign it with your own key.",
  'wrong-house': 'The statement is meant for another house; sign one for this house.',
  'id-in-use': 'This command id belongs to another command; choose a new random id.',
  'timestamp-invalid': 'The timestamp does not verify; ask the Trusted Service for a new one.',
  'timestamp-not-for-statement': 'The timestamp was made for another statement; ask for one over this statement.',
  'timestamp-wrong-clock':
    'The timestamp is of another kind of clock than this house runs on; check the Trusted Service address.',
  'merkle-proof-invalid':
    'The Merkle proof does not lead to the signed root; fetch the proof and the checkpoint again.',
  'timestamp-stale': 'The timestamp is too old; have the same statement stamped again and send it at once.',
  'timestamp-ahead': 'The timestamp is ahead of the trusted time; send the command again in a moment.',
  'notice-not-found': 'There is nothing to acknowledge for this lot; look at your lots again.',

  // rotation of the authority's keys
  'root-key-needed':
    'The root key is not at the service: run the command with --root-key, where that key is, or put it back for once.',
  'rotation-too-soon': 'Too many keys were rotated in a short time; wait until the former ones are no longer needed.',

  // disclosure
  'evidence-invalid': 'The evidence does not show this sale; nothing is disclosed.',
  'disclosure-conflict': 'Another winner of this lot was disclosed before; nothing more is disclosed.',
  'opening-invalid':
    'The house did not open the record that binds the other party; keep the answer and tell the operator.',

  // the journal
  'journal-locked': 'Another process works with this journal; stop it, or give this one a journal of its own.',
  'journal-foreign': 'The file is not a journal of this program; give the path of another file.',
  'journal-too-new': 'The journal was written by a newer version of this program; start that version.',
  'journal-damaged': 'The journal is damaged, or shorter than it was; restore it from its backup.',
  'journal-unusable':
    'The journal can not be opened; check its path, its permissions and the free space, and start again.',
  'journal-behind':
    'The journal is an earlier state of this house than its witness has seen, or another one; restore the newest state, or start a new house.',
  'journal-unavailable': 'The journal can not be reached just now; send the same command again in a moment.',
  'record-damaged': 'A record of the journal is not what was written; restore the journal from its backup.',

  // the public log
  'log-too-short': 'The journal has not so many records yet; ask for no more than its newest checkpoint says.',
  'log-inconsistent':
    'The house shows another journal than before: records were changed, dropped or added in between; keep the evidence and tell the operator.',
  'checkpoint-not-next':
    'The witness remembers another size of this journal; ask for it, and prove that the checkpoint continues that one.',
  'announcement-false':
    'The journal of the house does not say what was announced: do not believe it, keep the evidence and tell the operator.',
  'receipt-invalid':
    'The receipt does not show that the command is in the journal; keep the answer and tell the operator.',

  // the services themselves
  'trusted-service-unreachable': 'The Trusted Service does not answer; check its address, or wait and send it again.',
  'dms-unreachable': 'The DMS does not answer; check its address, or wait: a command may be repeated safely.',
  'peer-untrusted': 'The server could not prove who it is; check the root fingerprint and the address.',
  'trusted-time-unavailable': 'The trusted time is not known just now; send the command again in a moment.',
  'outcome-unknown': 'No answer arrived; repeat the command with the same id, it is recorded once at most.',
  'shutting-down': 'The service is stopping; connect again in a moment.',
  internal:
    'The service made a mistake and wrote it to its log; send the command again, and tell the operator if it stays.',
} as const satisfies Record<string, string>;

/** The stable name of a refusal. */
export type RefusalCode = keyof typeof REFUSALS;

/** Every refusal code there is, for schemas and documents. */
export const REFUSAL_CODES = Object.keys(REFUSALS) as [RefusalCode, ...RefusalCode[]];

/** What a person should do about a refusal, in one sentence. */
export function adviceFor(code: RefusalCode): string {
  return REFUSALS[code];
}

/**
 * A refusal on its way to the rim, where it is caught once and answered. `detail` may name the field or the check that
 * failed; it is shown to the sender, so it never holds a secret or another participant's data. `retryAfterMs` says after
 * what time the same may be asked again, where that is known.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: RefusalCode;
  readonly detail: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: RefusalCode, detail?: string, options?: ErrorOptions & { readonly retryAfterMs?: number }) {
    super(detail === undefined ? code : `${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
    this.retryAfterMs = options?.retryAfterMs;
  }
}
