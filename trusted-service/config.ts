/** What the operator decides, from options and environment, checked before anything starts. */
import { dirname, join } from 'node:path';
import { z } from 'zod';
import {
  addressSettings,
  COMMON_SETTINGS,
  readSettings,
  type Setting,
  type SettingTable,
  showSettings,
} from '../shared/settings.ts';
import type { ClockKind } from '../shared/wire/vocabulary.ts';
import { parseDuration } from './parse-duration.ts';

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
  /** Who may enrol: everybody, or who has an invite. */
  readonly registration: RegistrationPolicy;
  /** Attempts to enrol from one address in an hour. */
  readonly enrolmentsPerAddress: number;
  /** New user names in an hour. */
  readonly enrolmentsPerHour: number;
  /** Timestamps for one address in a minute. */
  readonly timestampsPerAddress: number;
  /** Other requests of one address in a minute. */
  readonly requestsPerAddress: number;
  /** Who may read /metrics: who has a token, or everybody. */
  readonly metrics: MetricsReaders;
  /** Absent: made at the first start and kept in the folder. */
  readonly metricsToken: string | undefined;
  /** How long each key is used before the next one takes over. Milliseconds. */
  readonly rotateTokenSigner: number;
  readonly rotateTimestampSigner: number;
  readonly rotateIssuingCa: number;
  /** Addresses whose `X-Forwarded-For` is believed. */
  readonly proxies: readonly string[];
  /** The address of the house, told to everybody who asks what this is. */
  readonly dmsUrl: string | undefined;
  /** False where a proxy in front ends TLS. */
  readonly tls: boolean;
}

export type MetricsReaders = 'token' | 'open';
export type RegistrationPolicy = 'open' | 'invite';

const DEFAULT_PORT = 8443;
const MIN_TOKEN_CHARACTERS = 16;
/** A hall or an office behind one address can enrol within the hour; who tries names one after the other is slowed to this. */
const DEFAULT_ENROLMENTS_PER_ADDRESS = 100;
/** More new people than a house gets to know in an hour, and few enough that a flood is noticed before it has done harm. */
const DEFAULT_ENROLMENTS_PER_HOUR = 1_000;
/** A hall of traders behind one address, each as fast as the DMS lets one be, and about a third of what one core can stamp. */
const DEFAULT_TIMESTAMPS_PER_ADDRESS = 300_000;
/** The same hall arriving all at once: a handful of requests each, none of which costs more than two signatures. */
const DEFAULT_REQUESTS_PER_ADDRESS = 60_000;
const MAX_PROXIES = 16;
const DAY_MS = 24 * 3_600_000;
const MIN_PERIOD_MS = 2 * DAY_MS;
const MAX_PERIOD_MS = 365 * DAY_MS;

export const TRUSTED_SERVICE_SETTINGS = {
  ...COMMON_SETTINGS,
  ...addressSettings('GAVEL_TRUSTED_SERVICE', DEFAULT_PORT),
  operatorToken: token('OPERATOR_TOKEN', "the operator's bearer token; made at the first start where there is none"),
  registration: {
    variable: 'GAVEL_REGISTRATION',
    flags: '--registration <policy>',
    help: 'who may enrol: open, or invite for who has a code of the operator',
    default: 'open',
    schema: z.enum(['open', 'invite']),
    demand: "must be 'open' or 'invite'",
  },
  enrolmentsPerAddress: limit(
    'ENROLMENTS_PER_ADDRESS',
    'attempts to enrol from one address in an hour',
    DEFAULT_ENROLMENTS_PER_ADDRESS,
  ),
  enrolmentsPerHour: limit('ENROLMENTS_PER_HOUR', 'new user names in an hour', DEFAULT_ENROLMENTS_PER_HOUR),
  timestampsPerAddress: limit(
    'TIMESTAMPS_PER_ADDRESS',
    'timestamps for one address in a minute',
    DEFAULT_TIMESTAMPS_PER_ADDRESS,
  ),
  requestsPerAddress: limit(
    'REQUESTS_PER_ADDRESS',
    'other requests of one address in a minute',
    DEFAULT_REQUESTS_PER_ADDRESS,
  ),
  metrics: {
    variable: 'GAVEL_METRICS',
    flags: '--metrics <readers>',
    help: 'who may read /metrics: token, or open for everybody who can reach the service',
    default: 'token',
    schema: z.enum(['token', 'open']),
    demand: "must be 'token' or 'open'",
  },
  metricsToken: token(
    'METRICS_TOKEN',
    'a bearer token that reads /metrics and nothing else; made at the first start where there is none',
  ),
  rotateTokenSigner: period('token-signer', '30d'),
  rotateTimestampSigner: period('timestamp-signer', '180d'),
  rotateIssuingCa: period('issuing-ca', '300d'),
  proxies: {
    variable: 'GAVEL_TRUSTED_SERVICE_PROXIES',
    flags: '--proxies <addresses>',
    help: 'addresses or networks of proxies in front, whose X-Forwarded-For is believed, separated by commas',
    schema: z
      .string()
      .transform((text) => text.split(',').map((address) => address.trim()))
      .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).max(MAX_PROXIES))
      .default([]),
    demand: `must be at most ${MAX_PROXIES} IP addresses or networks such as 10.0.0.0/8, separated by commas`,
  },
  dmsUrl: {
    variable: 'GAVEL_DMS_URL',
    flags: '--dms-url <url>',
    help: 'address of the DMS, told to everybody who asks what this is, so that one address is enough to find both',
    schema: z.url({ protocol: /^https?$/ }).optional(),
    demand: 'must be the address of the DMS, such as https://dms.example:8444',
  },
} as const satisfies SettingTable;

function token(name: string, help: string) {
  return {
    variable: `GAVEL_${name}`,
    secret: true,
    help,
    schema: z
      .string()
      .min(MIN_TOKEN_CHARACTERS)
      .regex(/^[\x21-\x7e]+$/)
      .optional(),
    demand: `must have at least ${MIN_TOKEN_CHARACTERS} printable ASCII characters and no blank; leave it out to have one made`,
  } as const satisfies Setting;
}

function limit(name: string, help: string, preset: number) {
  return {
    variable: `GAVEL_${name}`,
    flags: `--${name.toLowerCase().replaceAll('_', '-')} <number>`,
    help,
    default: String(preset),
    schema: z
      .string()
      .regex(/^\d{1,9}$/)
      .transform(Number),
    demand: 'must be a whole number; 0 lets nobody through',
  } as const satisfies Setting;
}

/** How long a key is used. Not shorter than what it signs needs to be over, nor longer than an issuing CA lives. */
function period(role: string, preset: string) {
  return {
    variable: `GAVEL_ROTATE_${role.toUpperCase().replaceAll('-', '_')}`,
    flags: `--rotate-${role} <duration>`,
    help: `how long the ${role} key is used`,
    default: preset,
    schema: z.string().default(preset).transform(parseDuration).pipe(z.number().min(MIN_PERIOD_MS).max(MAX_PERIOD_MS)),
    demand: 'must be a number of hours, days or weeks, such as 12h, 30d, 20w; 2d to 365d',
  } as const satisfies Setting;
}

/** Reads the configuration. `defaultHome` is where state goes without `--home` and `GAVEL_HOME`. Throws `StartError`. */
export function parseConfig(
  options: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
  defaultHome: string,
): TrustedServiceConfig {
  const { home = defaultHome, ...settings } = readSettings(TRUSTED_SERVICE_SETTINGS, options, env);
  return { ...settings, folder: stateFolder(home) };
}

/** The configuration by the names of its variables, without its secrets. */
export function showConfig(config: TrustedServiceConfig): Record<string, unknown> {
  return showSettings(TRUSTED_SERVICE_SETTINGS, { ...config, home: dirname(config.folder) });
}

/** The service's own folder in the home. */
export function stateFolder(home: string): string {
  return join(home, 'trusted-service');
}
