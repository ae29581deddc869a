/**
 * The client's own complaints: what was typed, configured or kept on this machine is not usable, and nothing was sent.
 * Codes never change; each has one sentence that says what to do. Refusals by a server are in shared/errors.ts.
 */

const COMPLAINTS = {
  // what was typed
  'command-unknown': 'There is no such command; type /help for the list.',
  'command-malformed': 'The command has another form; type /help and its name to see it.',
  'json-malformed': 'The line is no JSON object; write {"id": …, "command": "bid", …} or a typed command.',
  'line-too-long': 'The line is longer than 64 KiB; shorten it.',
  'amount-malformed':
    'The amount is not a positive decimal number of the currency; write digits with a point, such as 120.00.',
  'amount-too-large': 'The amount is larger than the house takes; write a smaller one.',
  'currency-unknown': 'There is no such currency; write its ISO 4217 code, such as EUR.',
  'date-malformed':
    'The closing has no known form; write +10m, +1h30m, 18:00, tomorrow 18:00 or 2030-01-31T18:00, with Z or +01:00 for a zone.',
  'date-in-past': 'The closing is not in the future; write a later one.',
  'extension-malformed':
    'The extension has another form; write WINDOW, or WINDOW,BY, or WINDOW,BY,UNTIL, such as 5m,5m,1h.',
  'title-malformed': 'The title is not allowed; write one line of at most 120 printable characters.',
  'description-malformed': 'The description is not allowed; write at most 2000 printable characters.',
  'lot-malformed': "The lot has no known form; write its short number, such as 7, or the lot's id.",
  'id-malformed': 'The id is no UUID of version 4; repeat a command with the id that was told with it.',
  'confirmation-missing': 'This wants a yes: send the line again with --yes, or the JSON command with "yes": true.',

  // what was asked for
  'lot-unknown': 'The house has no such lot; type /allitems to see what there is.',
  'receipt-missing': 'This home has no receipt for that; type /receipt to see those that it has.',
  'operator-token-missing':
    "Only the operator may do this; give the operator's token with --operator-token-file or GAVEL_OPERATOR_TOKEN_FILE.",
  'journal-broken': "The house's journal does not hold; stop, and keep a copy of it for others with gavel export.",

  // options and the environment
  'option-malformed': 'An option has a value that it can not have; see --help.',
  'address-missing':
    "An address is missing; run `gavel client` on a terminal, which asks for it once, or give the service's URL by its option or variable.",
  'root-missing':
    'The root certificate is not known yet; set GAVEL_ROOT to its file or to sha256: and its fingerprint, which the operator tells.',
  'username-missing': 'You are not enrolled yet; choose a user name with --username or GAVEL_USERNAME.',
  'screen-not-built': 'The screen is not built yet; run npm run build, or add --plain.',
  'bot-unknown': 'There is no such strategy; gavel bot --list names those that there are.',
  'bot-malformed': 'The file is no bot; it has to export one under the name bot, made by defineBot.',
  'bot-running': 'Another bot runs in this home; end it first, or give this one a home of its own.',

  // copies of a journal, and evidence
  'file-unreadable': 'The file can not be read or written; check its path, its permissions and the free space.',
  'file-exists': 'There is a file of this name already; choose another name.',
  'root-differs': 'The file was made under another root than the one that is trusted; compare the fingerprints.',
  'bundle-malformed': 'The file is no bundle that this program writes; export it again.',
  'evidence-malformed': 'The file is no evidence that this program writes; export it again.',
  'evidence-missing': 'This home has no receipt of such a command; look for its lot or id in the receipts folder.',
  'too-slow': 'The journal did not come within the time; give more with --deadline.',

  // what this machine keeps
  'home-too-open': 'Other users of this machine can read the keys; take the rights away from them, then start again.',
  'home-unreadable': 'The files of this home can not be used; repair them or choose another GAVEL_HOME.',
  'home-of-other-user': 'This home belongs to another user name; use that name or choose another GAVEL_HOME.',
  'home-of-other-root':
    'This home was enrolled under another root certificate; use that root or choose another GAVEL_HOME.',
  'house-changed': 'Another house answers at this address than before; ask the operator whether that is right.',
  'passphrase-missing': 'The keys are protected by a passphrase; type it, or give --passphrase-file.',
  'passphrase-wrong': 'The passphrase does not open the keys; try again.',
} as const satisfies Record<string, string>;

/** The stable name of a complaint. */
export type ClientErrorCode = keyof typeof COMPLAINTS;

/**
 * How whoever gets an error has to react. `rejected`: never repeat it as it was. `failed`: repeat it, a command with the
 * same id. `trust`: stop, somebody could not prove what they say. `usage`: put right what was typed or configured here.
 */
export type ErrorKind = 'rejected' | 'failed' | 'trust' | 'usage';

/** What is not listed is `usage`. */
const COMPLAINT_KINDS: { readonly [Code in ClientErrorCode]?: ErrorKind } = {
  'root-differs': 'trust',
  'bundle-malformed': 'trust',
  'evidence-malformed': 'trust',
  'home-of-other-root': 'trust',
  'house-changed': 'trust',
  'too-slow': 'failed',
  'journal-broken': 'trust',
  'lot-unknown': 'rejected',
};

/** What a person should do about a complaint, in one sentence. */
export function adviceForComplaint(code: ClientErrorCode): string {
  return COMPLAINTS[code];
}

/** A complaint on its way to whoever typed. `detail` says which word or file, and never holds a secret. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ClientErrorCode;
  readonly detail: string | undefined;
  readonly kind: ErrorKind;

  constructor(code: ClientErrorCode, detail?: string, options?: ErrorOptions) {
    super(detail === undefined ? code : `${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
    this.kind = COMPLAINT_KINDS[code] ?? 'usage';
  }
}
