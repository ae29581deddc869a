/** What the operator decides, from options and environment, checked before anything starts. */
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { parseAddresses } from '../shared/address-set.ts';
import { addressSettings, COMMON_SETTINGS, readSettings, type SettingTable, showSettings } from '../shared/settings.ts';
import { StartError } from '../shared/start-error.ts';
import type { ClockKind } from '../shared/wire/vocabulary.ts';
import { isPostgresUrl, redactPostgresUrl } from './journal/postgres-url.ts';

/** Where the journal is: a file of this machine alone, or a database that several nodes share. */
export type JournalPlace =
  | { readonly kind: 'sqlite'; readonly file: string }
  /** The address is secret: it may hold a password. */
  | { readonly kind: 'postgres'; readonly url: string };

export interface DmsConfig {
  /** The node's own state folder, `dms` in the home. */
  readonly folder: string;
  readonly trustedServiceUrl: string;
  /** The root certificate: a file, or `sha256:` and its fingerprint. */
  readonly root: string;
  /** 0: any free one. */
  readonly port: number;
  /** The address to listen on. */
  readonly bind: string;
  /** The names under which participants reach the node, in canonical form: those of its certificate. */
  readonly hosts: readonly string[];
  /** Timestamp tokens of the other kind are refused. */
  readonly clock: ClockKind;
  /** Needed to get the node's certificate, and to renew it. */
  readonly operatorToken: string | undefined;
  readonly journal: JournalPlace;
  /** Whether an address is that of a balancer in front of the node, which speaks for many participants. */
  readonly balancers: string | undefined;
  /** False where a proxy in front ends TLS. */
  readonly tls: boolean;
}

const DEFAULT_PORT = 8444;
const FINGERPRINT = /^sha256:[0-9a-fA-F:]+$/;
const SQLITE = 'sqlite:';

export const DMS_SETTINGS = {
  ...COMMON_SETTINGS,
  ...addressSettings('GAVEL_DMS', DEFAULT_PORT),
  trustedServiceUrl: {
    variable: 'GAVEL_TRUSTED_SERVICE_URL',
    flags: '--trusted-service-url <url>',
    help: 'address of the Trusted Service',
    schema: z.url({ protocol: /^https?$/ }),
    demand: 'must be the address that the Trusted Service printed at its start, such as https://localhost:8443',
  },
  root: {
    variable: 'GAVEL_ROOT',
    flags: '--root <file|sha256:…>',
    help: 'the root certificate, or its fingerprint',
    schema: z.string(),
    demand: "must be the root certificate's file, or sha256: and its fingerprint, which the Trusted Service printed",
  },
  journal: {
    variable: 'GAVEL_JOURNAL',
    flags: '--journal <sqlite:file>',
    help: 'where the journal is, a file in the state folder if not given; postgres://… by its variable alone',
    schema: z
      .string()
      .refine((text) => /^sqlite:./.test(text) || isPostgresUrl(text))
      .optional(),
    demand: 'must be sqlite: and the path of a file, or postgres://user:password@host/database',
  },
  balancers: {
    variable: 'GAVEL_DMS_BALANCERS',
    flags: '--balancers <addresses>',
    help: 'addresses or networks of balancers in front, which are not limited as one participant is',
    schema: z
      .string()
      .refine((text) => parseAddresses(text) !== undefined)
      .optional(),
    demand: 'must be IP addresses or networks such as 10.0.0.0/8, separated by commas',
  },
  operatorToken: {
    variable: 'GAVEL_OPERATOR_TOKEN',
    secret: true,
    help: 'the bearer token that the Trusted Service has, to get and renew the certificate of this node',
    schema: z
      .string()
      .regex(/^[\x21-\x7e]+$/)
      .optional(),
    demand: 'must be printable ASCII without blanks, as the Trusted Service has it',
  },
} as const satisfies SettingTable;

/** Reads the configuration. `defaultHome` is where state goes without `--home` and `GAVEL_HOME`. Throws `StartError`. */
export function parseConfig(
  options: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
  defaultHome: string,
): DmsConfig {
  const { home = defaultHome, journal, root, ...settings } = readSettings(DMS_SETTINGS, options, env);
  if (journal !== undefined && journal === options['journal'] && isPostgresUrl(journal))
    throw new StartError('The address of a database holds its password: give it in GAVEL_JOURNAL, not as an option.');
  const folder = join(home, 'dms');
  return {
    ...settings,
    folder,
    root: FINGERPRINT.test(root) ? root : resolve(root),
    journal: placeOf(journal, folder),
  };
}

function placeOf(journal: string | undefined, folder: string): JournalPlace {
  if (journal === undefined) return { kind: 'sqlite', file: join(folder, 'journal.sqlite') };
  if (isPostgresUrl(journal)) return { kind: 'postgres', url: journal };
  return { kind: 'sqlite', file: resolve(journal.slice(SQLITE.length)) };
}

/** The configuration by the names of its variables, without its secrets. */
export function showConfig(config: DmsConfig): Record<string, unknown> {
  const { folder, journal } = config;
  const place = journal.kind === 'sqlite' ? `${SQLITE}${journal.file}` : redactPostgresUrl(journal.url);
  return showSettings(DMS_SETTINGS, { ...config, home: dirname(folder), journal: place });
}
