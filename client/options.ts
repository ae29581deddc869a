/** What a user can set on the command line. Reads nothing else: `--help` and the first picture of the screen wait for it. */

/** Options of `gavel client`, as they were typed. */
export interface ClientOptions {
  /** JSON lines, whatever the terminal. */
  readonly json?: boolean;
  /** Plain text without a prompt, whatever the terminal. */
  readonly plain?: boolean;
  readonly trustedServiceUrl?: string;
  readonly dmsUrl?: string;
  /** The root certificate: a file, or `sha256:` and its fingerprint. */
  readonly root?: string;
  /** The state folder; the client's part is in it. */
  readonly home?: string;
  readonly username?: string;
  readonly contact?: string;
  /** The operator's code, where enrolment takes one. */
  readonly invite?: string;
  /** Ask for a passphrase, to protect a home that has none. */
  readonly passphrase?: boolean;
  readonly passphraseFile?: string;
  /** Tell also what was announced since this position. */
  readonly since?: string;
  /** Whether the screen may ring; it does unless told otherwise. */
  readonly bell?: boolean;
  /** The file with the operator's token, for /settime and /resettime. */
  readonly operatorTokenFile?: string;
  /** Do these commands instead of reading the input; the exit code tells how they ended. */
  readonly command?: readonly string[];
}

/** One option, for the program's own parser and its help. */
export interface OptionSpec {
  /** Absent where there is a variable alone. */
  readonly flags?: string;
  readonly help: string;
  readonly variable?: string;
  /** The variable holds a secret, and has a companion that names a file with it. */
  readonly secret?: true;
}

/** What everything that connects can be told. */
export const CONNECTION_OPTIONS: readonly OptionSpec[] = [
  {
    flags: '--trusted-service-url <url>',
    help: 'address of the Trusted Service',
    variable: 'GAVEL_TRUSTED_SERVICE_URL',
  },
  { flags: '--dms-url <url>', help: 'address of the DMS', variable: 'GAVEL_DMS_URL' },
  { flags: '--root <file|sha256:…>', help: 'the root certificate, or its fingerprint', variable: 'GAVEL_ROOT' },
  { flags: '--home <folder>', help: 'where keys and notices are kept', variable: 'GAVEL_HOME' },
  { flags: '--username <name>', help: 'the name to enrol under, the first time', variable: 'GAVEL_USERNAME' },
  { flags: '--contact <text>', help: 'how the other party of a sale may reach you' },
  { flags: '--invite <code>', help: "the operator's code, where enrolling takes one", variable: 'GAVEL_INVITE' },
  { flags: '--passphrase', help: 'ask for a passphrase that protects the keys' },
  { flags: '--passphrase-file <file>', help: 'read the passphrase from a file' },
  { flags: '--json', help: 'JSON lines on standard output, one for each event and answer' },
  { flags: '--plain', help: 'plain text without a prompt' },
];

const OPERATOR_TOKEN_FILE: OptionSpec = {
  flags: '--operator-token-file <file>',
  help: "the operator's token, for /settime and /resettime",
};
/** No option: what is on the command line, every user of the machine can read. */
const OPERATOR_TOKEN: OptionSpec = {
  help: "the operator's token itself",
  variable: 'GAVEL_OPERATOR_TOKEN',
  secret: true,
};

/** The options of `gavel client`. */
export const CLIENT_OPTIONS: readonly OptionSpec[] = [
  ...CONNECTION_OPTIONS,
  { flags: '--since <position>', help: 'tell also what was announced since this position' },
  { flags: '--no-bell', help: 'no bell and no notification from the screen' },
  OPERATOR_TOKEN_FILE,
  OPERATOR_TOKEN,
  { flags: '-c, --command <command...>', help: 'do these commands and end; the exit code tells how they ended' },
];

const DOCTOR_FLAGS = /^--(trusted-service-url|dms-url|root|home|passphrase-file) /;

/** The options of `gavel doctor`. */
export const DOCTOR_OPTIONS: readonly OptionSpec[] = [
  ...CONNECTION_OPTIONS.filter(({ flags = '' }) => DOCTOR_FLAGS.test(flags)),
  { flags: '--json', help: 'one JSON object in place of the table' },
];
