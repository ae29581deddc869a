/** `gavel invite`: has a running Trusted Service make invites, and prints their codes. */

import { type CommandIo, type CommandOption, complain, EXIT } from '../../shared/command-io.ts';
import { StartError } from '../../shared/start-error.ts';
import { InvitesRequest } from '../../shared/wire/http-endpoints.ts';
import { MAX_INVITES } from '../../shared/wire/limits.ts';
import { parseDuration } from '../parse-duration.ts';
import { asOperator, CONNECTION_OPTIONS, type ConnectionOptions } from './service-connection.ts';

/** As they were typed. */
export interface InviteOptions extends ConnectionOptions {
  readonly count?: string;
  readonly expires?: string;
  readonly note?: string;
}

export const INVITE_OPTIONS: readonly CommandOption[] = [
  { flags: '--count <number>', help: `how many, up to ${MAX_INVITES}; one, if nothing is said` },
  { flags: '--expires <duration>', help: 'how long they can be used, such as 12h or 7d; 7d, if nothing is said' },
  { flags: '--note <text>', help: "what they are for; kept with them, in the service's state alone" },
  ...CONNECTION_OPTIONS,
];

/** Prints one code a line, and nothing else on standard output. Resolves with the exit code. */
export async function runInvite(options: InviteOptions, io: CommandIo): Promise<number> {
  try {
    const request = parseRequest(options);
    return await asOperator(options, io.env, async (client) => {
      const { codes, expiresAt } = await client.makeInvites(request);
      io.stdout.write(`${codes.join('\n')}\n`);
      io.stderr.write(`Good once each, until ${new Date(expiresAt).toISOString()}. They are not shown again.\n`);
      return EXIT.done;
    });
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
