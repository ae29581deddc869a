/** What the operator decides, from options and environment, checked before anything starts. */
import { join } from 'node:path';
import { z } from 'zod';
import { addressSettings, COMMON_SETTINGS, readSettings, type SettingTable } from '../shared/settings.ts';
import type { ClockKind } from '../shared/wire/vocabulary.ts';

export interface TrustedServiceConfig {
  /** The service's own state folder, `trusted-service` in the home. */
  readonly folder: string;
  /** 0: any free one. */
  readonly port: number;
  /** The address to listen on. */
  readonly bind: string;
  /** The names under which the service may be addressed, in canonical form: those of its certificate. */
  readonly hosts: readonly string[];
  readonly clock: ClockKind;
  /** Absent: made at the first start and kept in the folder. */
  readonly operatorToken: string | undefined;
  /** False where a proxy in front ends TLS. */
  readonly tls: boolean;
}

const DEFAULT_PORT = 8443;
const MIN_TOKEN_CHARACTERS = 16;

export const TRUSTED_SERVICE_SETTINGS = {
  ...COMMON_SETTINGS,
  ...addressSettings('GAVEL_TRUSTED_SERVICE', DEFAULT_PORT),
  operatorToken: {
    variable: 'GAVEL_OPERATOR_TOKEN',
    help: "the operator's bearer token; made at the first start where there is none",
    schema: z
      .string()
      .min(MIN_TOKEN_CHARACTERS)
      .regex(/^[\x21-\x7e]+$/)
      .optional(),
    demand: `must have at least ${MIN_TOKEN_CHARACTERS} printable ASCII characters and no blank; leave it out to have one made`,
  },
} as const satisfies SettingTable;

/** Reads the configuration. `defaultHome` is where state goes without `--home` and `GAVEL_HOME`. Throws `StartError`. */
export function parseConfig(
  options: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
  defaultHome: string,
): TrustedServiceConfig {
  const { home = defaultHome, ...settings } = readSettings(TRUSTED_SERVICE_SETTINGS, options, env);
  return { ...settings, folder: stateFolder(home) };
}

/** The service's own folder in the home. */
export function stateFolder(home: string): string {
  return join(home, 'trusted-service');
}
