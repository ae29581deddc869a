/** `gavel invite`: has a running Trusted Service make invites, and prints their codes. */
import { z } from 'zod';
import { loadRoot, TrustedServiceClient } from '../../shared/http-client.ts';
import { secretFrom } from '../../shared/settings.ts';
import { StartError } from '../../shared/start-error.ts';
import { InvitesRequest } from '../../shared/wire/http-endpoints.ts';
import { MAX_INVITES } from '../../shared/wire/limits.ts';
import { type CommandIo, type CommandOption, complain, EXIT } from './command-io.ts';

/** As they were typed. */
export interface InviteOptions {
  readonly count?: string;
  readonly expires?: string;
  readonly note?: string;
  readonly trustedServiceUrl?: string;
  readonly root?: string;
}

export const INVITE_OPTIONS: readonly CommandOption[] = [
  { flags: '--count <number>', help: `how many, up to ${MAX_INVITES}; one, if nothing is said` },
  { flags: '--expires <duration>', help: 'how long they can be used, such as 12h or 7d; 7d, if nothing is said' },
  { flags: '--note <text>', help: "what they are for; kept with them, in the service's state alone" },
  {
    flags: '--trusted-service-url <url>',
    help: 'address of the Trusted Service',
    variable: 'GAVEL_TRUSTED_SERVICE_URL',
  },
  { flags: '--root <file|sha256:…>', help: 'the root certificate, or its fingerprint', variable: 'GAVEL_ROOT' },
  {
    help: "the operator's bearer token, which the service keeps in its folder",
    variable: 'GAVEL_OPERATOR_TOKEN',
    secret: true,
  },
];

const UNITS_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 24 * 3_600_000,
  w: 7 * 24 * 3_600_000,
};

/** Prints one code a line, and nothing else on standard output. Resolves with the exit code. */
export async function runInvite(options: InviteOptions, io: CommandIo): Promise<number> {
  try {
    const request = parseRequest(options);
    const { baseUrl, root, operatorToken } = parseConnection(options, io.env);
    const client = new TrustedServiceClient({ baseUrl, root: await loadRoot(root, baseUrl), operatorToken });
    try {
      const { codes, expiresAt } = await client.makeInvites(request);
      io.stdout.write(`${codes.join('\n')}\n`);
      io.stderr.write(`Good once each, until ${new Date(expiresAt).toISOString()}. They are not shown again.\n`);
      return EXIT.done;
    } finally {
      await client.close();
    }
  } catch (error) {
    return complain(error, io);
  }
}

function parseRequest({ count, expires, note }: InviteOptions): InvitesRequest {
  const wanted = {
    ...(count === undefined ? {} : { count: /^\d+$/.test(count) ? Number(count) : Number.NaN }),
    ...(expires === undefined ? {} : { expiresInMs: parseDuration(expires) }),
    ...(note === undefined ? {} : { note }),
  };
  const parsed = InvitesRequest.safeParse(wanted);
  if (parsed.success) return parsed.data;
  const wrong = new Set(parsed.error.issues.map(({ path }) => DEMANDS[String(path[0])] ?? 'The options are wrong.'));
  throw new StartError([...wrong].join(' '));
}

const DEMANDS: Readonly<Record<string, string>> = {
  count: `--count must be a whole number from 1 to ${MAX_INVITES}.`,
  expiresInMs: '--expires must be a number of minutes, hours, days or weeks, such as 30m, 12h, 7d, 2w; 1m to 366d.',
  note: '--note must be one line of at most 200 printable characters.',
};

function parseDuration(text: string): number {
  const [, number, unit = ''] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  return Number(number) * (UNITS_MS[unit] ?? Number.NaN);
}

function parseConnection({ trustedServiceUrl, root }: InviteOptions, env: CommandIo['env']) {
  const required = {
    baseUrl: trustedServiceUrl || env['GAVEL_TRUSTED_SERVICE_URL'],
    root: root || env['GAVEL_ROOT'],
    operatorToken: secretFrom(env, 'GAVEL_OPERATOR_TOKEN'),
  };
  const text = z.string().min(1);
  const parsed = z.object({ baseUrl: text, root: text, operatorToken: text }).safeParse(required);
  if (parsed.success) return parsed.data;
  throw new StartError(
    'Set GAVEL_TRUSTED_SERVICE_URL (--trusted-service-url), GAVEL_ROOT (--root) and GAVEL_OPERATOR_TOKEN.',
  );
}
