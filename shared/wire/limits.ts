/** Every limit of the protocol, with its name and its reason. Sizes are bytes, times are milliseconds. */

/** A sealed command, as it travels. Room for a JWS of the largest size, its token and base64url; also the largest frame. */
export const MAX_ENVELOPE_BYTES = 16_384;
/** A JWS of any type. A listing with the longest description fits; nothing that needs more is ever signed. */
export const MAX_JWS_BYTES = 8_192;
/** A certificate, DER. Those that the house issues have about 700. */
export const MAX_CERTIFICATE_BYTES = 2_048;
/** A certificate, PEM: the same in base64 with its two framing lines. */
export const MAX_CERTIFICATE_PEM_CHARACTERS = 3_072;
/** A certification request, PEM: a key, one extension, a signature. */
export const MAX_CSR_PEM_CHARACTERS = 3_072;
/** A revocation list, DER: some 100 000 entries, and certificates leave it when they expire. */
export const MAX_REVOCATION_LIST_BYTES = 4_194_304;

/** Ten thousand million units of a currency with cents: far inside what a JSON number carries exactly. */
export const MAX_AMOUNT = 1_000_000_000_000;
/** Characters of a title: one line on a wide terminal. */
export const MAX_TITLE_CHARACTERS = 120;
/** Characters of a description. */
export const MAX_DESCRIPTION_CHARACTERS = 2_000;
/** The same in UTF-8 bytes, so that the statement stays below `MAX_JWS_BYTES` in every script. */
export const MAX_DESCRIPTION_BYTES = 4_096;
/** How long a lot may stay open: a year covers every real sale and keeps a slip of the keyboard from lasting for ever. */
export const MAX_LOT_LIFE_MS = 366 * 24 * 3_600_000;
/** Soft closing: the window before the closing, and what a bid in it adds. */
export const MAX_EXTENSION_STEP_MS = 24 * 3_600_000;

/** A token older than this when its frame arrives could have been held back. */
export const TIMESTAMP_MAX_AGE_MS = 3_000;
/** A token ahead of our trusted time by more than this is not explained by the travel time of either. */
export const TIMESTAMP_MAX_LEAD_MS = 2_000;
/** After the closing a lot waits as long as a bid stamped in time may travel. */
export const CLOSING_GRACE_MS: number = TIMESTAMP_MAX_AGE_MS;

/** A proof of possession is signed for one request that follows at once. */
export const PROOF_MAX_AGE_MS = 60_000;
/** A token's life: a withdrawn participant is out after this at the latest, even without a revocation list. */
export const TOKEN_LIFE_MS = 15 * 60_000;
/** A participant's certificate names a key for one day; it renews by itself. */
export const PARTICIPANT_CERTIFICATE_LIFE_MS = 24 * 3_600_000;
/** An invite's code as it is typed: five groups of five, and room for blanks. */
export const MAX_INVITE_CHARACTERS = 64;
/** Invites of one request: a hall full of people. */
export const MAX_INVITES = 1_000;
/** An invite that was forgotten is no door for ever. */
export const MAX_INVITE_LIFE_MS: number = 366 * 24 * 3_600_000;
/** A socket that has not finished the handshake by then is closed. */
export const HANDSHAKE_LIMIT_MS = 10_000;
/** A session's sealing key opens at most this much of a recording, were it taken from memory. */
export const SESSION_LIFE_MS = 30 * 60_000;
/** Announcements gather this long: one frame per client and kind instead of one per event. */
export const ANNOUNCEMENT_TICK_MS = 40;
/** Beyond this many missed announcements a fresh snapshot is shorter. */
export const MAX_MISSED_ANNOUNCEMENTS = 1_000;
/** Lots of one answer: some 300 kB, and a few milliseconds of the house's time. */
export const MAX_CATALOGUE_LOTS = 512;
/** Records of one page of the public log. */
export const MAX_LOG_ENTRIES = 256;
/** Bytes of one page: it ends before the record that would exceed this, but never before its first. */
export const MAX_LOG_PAGE_BYTES = 1_048_576;
/** Keys in the key set: of each role one that is next, one in use, and those that were in use just now. */
export const MAX_PUBLISHED_KEYS = 32;
/** A verifier that keeps the key set fetches it anew after this: a key is published for longer before it is used. */
export const KEY_SET_MAX_AGE_MS: number = 5 * 60_000;
