/** The options of `gavel verify` and `gavel export`, and what they mean. */
import { type Certificate, verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { ClientError } from '../client-error.ts';
import { address } from '../config.ts';
import { type Environment, given } from '../environment.ts';
import type { OptionSpec } from '../options.ts';
import { readTextFile } from './read-text-file.ts';

interface CommonOptions {
  readonly log?: string;
  readonly trustedServiceUrl?: string;
  readonly root?: string;
  readonly deadline?: string;
  readonly json?: boolean;
}

/** Of `gavel verify`, as they were typed. */
export interface VerifyOptions extends CommonOptions {
  readonly bundle?: string;
  readonly evidence?: string;
}

/** Of `gavel export`, as they were typed. */
export interface ExportOptions extends CommonOptions {
  readonly out?: string;
  readonly evidence?: boolean;
  readonly lot?: string;
  readonly home?: string;
}

const LOG: OptionSpec = {
  flags: '--log <url>',
  help: 'the DMS whose public log is read',
  variable: 'GAVEL_DMS_URL',
};
const COMMON: readonly OptionSpec[] = [
  {
    flags: '--trusted-service-url <url>',
    help: 'where the certificates of timestamp signers are; not needed for a file',
    variable: 'GAVEL_TRUSTED_SERVICE_URL',
  },
  {
    flags: '--root <file|sha256:…>',
    help: 'the root certificate, or its fingerprint: all that is trusted',
    variable: 'GAVEL_ROOT',
  },
  { flags: '--deadline <seconds>', help: 'how long reading the log may take; 600, if nothing is said' },
  { flags: '--json', help: 'JSON lines, on a terminal too' },
];

export const VERIFY_OPTIONS: readonly OptionSpec[] = [
  LOG,
  { flags: '--bundle <file>', help: 'a bundle that gavel export made; nothing else is needed' },
  {
    flags: '--evidence <file>',
    help: 'the evidence of a participant: what it proves; with --bundle, whether both agree',
  },
  ...COMMON,
];

export const EXPORT_OPTIONS: readonly OptionSpec[] = [
  { flags: '--out <file>', help: 'the file to write; it must not exist' },
  LOG,
  { flags: '--evidence', help: 'what this home can prove, instead of the journal' },
  { flags: '--lot <lot>', help: "with --evidence: the commands on this lot alone, by the lot's id" },
  { flags: '--home <folder>', help: 'with --evidence: where the receipts are', variable: 'GAVEL_HOME' },
  ...COMMON,
];

const DEFAULT_DEADLINE_SECONDS = 600;
const MAX_DEADLINE_SECONDS = 1_000_000;

export interface LogOptions {
  readonly dmsUrl: string;
  readonly trustedServiceUrl: string;
  readonly deadlineMs: number;
}

/** Throws `address-missing` and `option-malformed`. */
export function parseLogOptions({ log, deadline, ...options }: CommonOptions, env: Environment): LogOptions {
  const { trustedServiceUrl } = options;
  return {
    dmsUrl: address('--log', log, env, 'GAVEL_DMS_URL'),
    trustedServiceUrl: address('--trusted-service-url', trustedServiceUrl, env, 'GAVEL_TRUSTED_SERVICE_URL'),
    deadlineMs: parseDeadline(deadline) * 1_000,
  };
}

/** The root as it was given. Throws `root-missing`. */
export function givenRoot({ root }: CommonOptions, env: Environment): string {
  const source = root ?? given(env, 'GAVEL_ROOT');
  if (source === undefined) throw new ClientError('root-missing');
  return source;
}

/** Whether a root that came with a file is the one that was given. Throws `root-differs`. */
export async function demandRoot(source: string, found: Certificate): Promise<void> {
  const wanted = source.startsWith('sha256:')
    ? source.slice('sha256:'.length).replaceAll(':', '').toLowerCase()
    : verifyRoot(await readTextFile(source)).sha256;
  if (!/^[0-9a-f]{64}$/.test(wanted))
    throw new ClientError('option-malformed', '--root is a file, or sha256: and 64 hexadecimal digits');
  if (wanted !== found.sha256) throw new ClientError('root-differs', `the file was made under sha256:${found.sha256}`);
}

function parseDeadline(text: string | undefined): number {
  if (text === undefined) return DEFAULT_DEADLINE_SECONDS;
  const seconds = /^[1-9]\d{0,6}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= MAX_DEADLINE_SECONDS) return seconds;
  throw new ClientError('option-malformed', '--deadline is a number of seconds, such as 600');
}
