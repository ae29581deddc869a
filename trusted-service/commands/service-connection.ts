/** How a command of the operator reaches the running service. */
import { z } from 'zod';
import type { CommandIo, CommandOption } from '../../shared/command-io.ts';
import { loadRoot, TrustedServiceClient } from '../../shared/http-client.ts';
import { secretFrom } from '../../shared/settings.ts';
import { StartError } from '../../shared/start-error.ts';

export interface ConnectionOptions {
  readonly trustedServiceUrl?: string;
  readonly root?: string;
}

export const CONNECTION_OPTIONS: readonly CommandOption[] = [
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

/** Does `work` as the operator, and closes the connections. Throws `StartError` where a setting is missing. */
export async function asOperator<Result>(
  options: ConnectionOptions,
  env: CommandIo['env'],
  work: (client: TrustedServiceClient, root: Awaited<ReturnType<typeof loadRoot>>) => Promise<Result>,
): Promise<Result> {
  const { baseUrl, root: source, operatorToken } = parseConnection(options, env);
  const root = await loadRoot(source, baseUrl);
  const client = new TrustedServiceClient({ baseUrl, root, operatorToken });
  try {
    return await work(client, root);
  } finally {
    await client.close();
  }
}

function parseConnection({ trustedServiceUrl, root }: ConnectionOptions, env: CommandIo['env']) {
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
