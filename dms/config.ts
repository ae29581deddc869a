/** What the operator decides, from options and environment, checked before anything starts. */
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { addressSettings, COMMON_SETTINGS, readSettings, type SettingTable, showSettings } from '../shared/settings.ts';
import type { ClockKind } from '../shared/wire/vocabulary.ts';

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
  /** The journal's file. */
  readonly journalFile: string;
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
    help: 'where the journal is; in the state folder if not given',
    schema: z
      .string()
      .regex(/^sqlite:./)
      .optional(),
    demand: 'must be sqlite: and the path of a file',
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
  const folder = join(home, 'dms');
  return {
    ...settings,
    folder,
    root: FINGERPRINT.test(root) ? root : resolve(root),
    journalFile: journal === undefined ? join(folder, 'journal.sqlite') : resolve(journal.slice(SQLITE.length)),
  };
}

/** The configuration by the names of its variables, without its secrets. */
export function showConfig(config: DmsConfig): Record<string, unknown> {
  const { folder, journalFile } = config;
  return showSettings(DMS_SETTINGS, { ...config, home: dirname(folder), journal: `${SQLITE}${journalFile}` });
}
