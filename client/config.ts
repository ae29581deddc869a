/** What a user can set: options, then environment variables, then what the home remembers. */
import { MAX_INVITE_CHARACTERS } from '../shared/wire/limits.ts';
import { Position } from '../shared/wire/vocabulary.ts';
import { ClientError } from './client-error.ts';
import type { HomeSettings } from './door/settings.ts';
import { clientHome } from './identity/home.ts';
import { findOperatorToken } from './operator-token.ts';

/** Environment variables, as the program was given them. */
export type Environment = Readonly<Record<string, string | undefined>>;

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

/** Everything checked. */
export interface ClientConfig {
  readonly trustedServiceUrl: string;
  readonly dmsUrl: string;
  readonly root?: string;
  readonly directory: string;
  readonly username?: string;
  readonly contact?: string;
  readonly invite?: string;
  readonly since?: Position;
  readonly operatorToken?: string;
}

/**
 * `kept` is what the home remembers of the way in. Reads no file but that of the operator's token. Throws
 * `address-missing` and `option-malformed`.
 */
export function parseClientConfig(options: ClientOptions, env: Environment, kept?: HomeSettings): ClientConfig {
  const root = options.root ?? given(env, 'GAVEL_ROOT') ?? kept?.root;
  const username = options.username ?? given(env, 'GAVEL_USERNAME');
  const invite = options.invite ?? given(env, 'GAVEL_INVITE');
  const { contact, since } = options;
  const operatorToken = findOperatorToken(options.operatorTokenFile, env);
  return {
    trustedServiceUrl: address(
      '--trusted-service-url',
      options.trustedServiceUrl,
      env,
      'GAVEL_TRUSTED_SERVICE_URL',
      kept?.trustedServiceUrl,
    ),
    dmsUrl: address('--dms-url', options.dmsUrl, env, 'GAVEL_DMS_URL', kept?.dmsUrl),
    directory: homeDirectory(options, env),
    ...(root === undefined ? {} : { root }),
    ...(username === undefined ? {} : { username }),
    ...(contact === undefined ? {} : { contact }),
    ...(invite === undefined ? {} : { invite: parseInvite(invite) }),
    ...(since === undefined ? {} : { since: parsePosition(since) }),
    ...(operatorToken === undefined ? {} : { operatorToken }),
  };
}

/** Where this participant's home is. */
export function homeDirectory({ home }: Pick<ClientOptions, 'home'>, env: Environment): string {
  return clientHome(home ?? given(env, 'GAVEL_HOME'));
}

/** A server's address, from the option, its variable, or what was kept. Throws `address-missing` and `option-malformed`. */
export function address(
  option: string,
  value: string | undefined,
  env: Environment,
  variable: string,
  kept?: string,
): string {
  const text = value ?? given(env, variable) ?? kept;
  if (text === undefined) throw new ClientError('address-missing', `${option} or ${variable}`);
  const url = URL.parse(text);
  const isAddress = url !== null && ['https:', 'http:'].includes(url.protocol) && url.hostname !== '';
  if (!isAddress)
    throw new ClientError('option-malformed', `${option}: ${text} is no address such as https://host:8443`);
  return text;
}

/** A variable that is set to nothing is not set. */
export function given(env: Environment, variable: string): string | undefined {
  return env[variable] === '' ? undefined : env[variable];
}

/** The Trusted Service says which codes are good; what is longer than any is not sent. */
function parseInvite(text: string): string {
  if (text.trim() !== '' && text.length <= MAX_INVITE_CHARACTERS) return text;
  throw new ClientError(
    'option-malformed',
    '--invite is the code that the operator gave, five groups of five characters',
  );
}

function parsePosition(text: string): Position {
  const position = Position.safeParse(/^\d{1,15}$/.test(text) ? Number(text) : Number.NaN);
  if (!position.success) throw new ClientError('option-malformed', '--since is a position, such as 4410');
  return position.data;
}
