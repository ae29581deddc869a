/** What a user can set: options, then environment variables, then what the home remembers. */
import { MAX_INVITE_CHARACTERS } from '../shared/wire/limits.ts';
import { Position } from '../shared/wire/vocabulary.ts';
import { ClientError } from './client-error.ts';
import type { HomeSettings } from './door/settings.ts';
import { type Environment, given, homeDirectory } from './environment.ts';
import { findOperatorToken } from './operator-token.ts';
import type { ClientOptions } from './options.ts';

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
