/** Settings of a server, read from options and environment and checked before anything starts. The table is the help text too. */
import { z } from 'zod';
import { ProtocolError } from './errors.ts';
import { encodeAlternativeNames, readAlternativeNames } from './pki/alternative-names.ts';
import { parseDer } from './pki/der.ts';
import { readSecretFile } from './secret-file.ts';
import { StartError } from './start-error.ts';

/** One thing that an operator decides. */
export interface Setting<Value = unknown> {
  readonly variable: string;
  /** As the command line shows it. A secret has none: every process can read command lines. */
  readonly flags?: string;
  /** Never shown. Its variable with `_FILE` behind it may name a file that holds it. */
  readonly secret?: true;
  readonly help: string;
  readonly default?: string;
  readonly schema: z.ZodType<Value>;
  /** What it must be, to follow its name. */
  readonly demand: string;
}

export type SettingTable = Readonly<Record<string, Setting>>;
export type SettingValues<Table extends SettingTable> = {
  readonly [Name in keyof Table]: z.infer<Table[Name]['schema']>;
};

const MAX_PORT = 65_535;
const MAX_HOSTS = 16;

/** The settings that both servers have. */
export const COMMON_SETTINGS = {
  home: {
    variable: 'GAVEL_HOME',
    flags: '--home <folder>',
    help: 'the folder of all state',
    schema: z.string().optional(),
    demand: 'must be a folder',
  },
  clock: {
    variable: 'GAVEL_CLOCK',
    flags: '--clock <kind>',
    help: 'real, or simulated for tests',
    default: 'real',
    schema: z.enum(['real', 'simulated']),
    demand: "must be 'real' or 'simulated'",
  },
} as const satisfies SettingTable;

/** An option and no setting: it changes what is done with them. */
export const CHECK_CONFIG = {
  flags: '--check-config',
  help: 'read and print the configuration without its secrets, start nothing, and end with 0 if it is right, else with 2',
} as const;

/** The settings of a server's address; `prefix` begins its environment variables. */
export function addressSettings<Prefix extends string>(prefix: Prefix, defaultPort: number) {
  return {
    port: {
      variable: `${prefix}_PORT`,
      flags: '--port <number>',
      help: 'the port to listen on, 0 for a free one',
      default: String(defaultPort),
      schema: z
        .string()
        .regex(/^\d{1,5}$/)
        .transform(Number)
        .refine((port) => port <= MAX_PORT),
      demand: `must be a whole number from 0 (any free port) to ${MAX_PORT}`,
    },
    bind: {
      variable: `${prefix}_BIND`,
      flags: '--bind <address>',
      help: 'the address to listen on',
      default: '127.0.0.1',
      schema: z.union([z.ipv4(), z.ipv6()]),
      demand: 'must be an IP address of this machine, such as 127.0.0.1 or 0.0.0.0',
    },
    hosts: {
      variable: `${prefix}_HOSTS`,
      flags: '--hosts <names>',
      help: 'the names under which the server is reached, separated by commas',
      default: 'localhost,127.0.0.1',
      schema: z.string().transform((text, context) => canonicalHosts(text) ?? refuse(context)),
      demand: `must be 1 to ${MAX_HOSTS} host names or IP addresses, separated by commas`,
    },
    tls: {
      variable: `${prefix}_TLS`,
      flags: '--no-tls',
      help: 'speak without TLS, behind a proxy that ends it',
      default: 'on',
      schema: z.enum(['on', 'off', 'true', 'false']).transform((text) => text === 'on' || text === 'true'),
      demand: "must be 'on' or 'off'",
    },
  } as const satisfies SettingTable;
}

/**
 * Reads every setting of a table. An option goes before its environment variable, and that before the default; an
 * empty variable counts as none. Throws `StartError` with a sentence for each one that is wrong.
 */
export function readSettings<Table extends SettingTable>(
  table: Table,
  options: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): SettingValues<Table> {
  const complaints: string[] = [];
  const values = Object.entries(table).map(([name, setting]) => {
    try {
      return [name, readSetting(setting, options[name], env)];
    } catch (error) {
      // Whoever has to correct one setting wants to hear of the others too.
      if (!(error instanceof StartError)) throw error;
      complaints.push(error.message);
      return [name, undefined];
    }
  });
  if (complaints.length > 0) throw new StartError(complaints.join(' '));
  return Object.fromEntries(values);
}

/** What is shown in place of a secret. */
const HIDDEN = '(hidden)';

/** The values of a table by the names of their variables. Of a secret it is told whether there is one. */
export function showSettings<Table extends SettingTable>(
  table: Table,
  values: Readonly<Record<keyof Table, unknown>>,
): Record<string, unknown> {
  const shown = Object.entries(table).map(([name, { variable, secret }]) => {
    const value: unknown = values[name] ?? null;
    return [variable, secret === true && value !== null ? HIDDEN : value];
  });
  return Object.fromEntries(shown);
}

/** The variable that names a secret's file. */
export function fileVariable(variable: string): string {
  return `${variable}_FILE`;
}

/**
 * A secret from its variable, or from the file that its `_FILE` names; `undefined` where neither is set.
 * @throws StartError where both are, or the file can't be read
 */
export function secretFrom(env: Readonly<Record<string, string | undefined>>, variable: string): string | undefined {
  const [given, file] = [textOf(env[variable]), textOf(env[fileVariable(variable)])];
  if (file === undefined) return given;
  if (given === undefined) return readSecretFile(file, fileVariable(variable));
  throw new StartError(`${variable} and ${fileVariable(variable)} are both set; leave one of them out.`);
}

function readSetting(setting: Setting, option: unknown, env: Readonly<Record<string, string | undefined>>): unknown {
  const { variable, flags, secret, schema, default: preset, demand } = setting;
  const typed = flags === undefined ? undefined : textOf(option);
  const set = secret === true ? secretFrom(env, variable) : textOf(env[variable]);
  const parsed = schema.safeParse(typed ?? set ?? preset);
  if (!parsed.success) throw new StartError(`${nameOf(setting)} ${demand}.`);
  return parsed.data;
}

function nameOf({ variable, flags }: Setting): string {
  return flags === undefined ? variable : `${variable} (${flags.split(' ')[0]})`;
}

/** Options may come as what they are; everything is read from its text. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return Array.isArray(value) ? value.join(',') : String(value);
}

/** The hosts in the form in which a certificate gives them back. */
function canonicalHosts(text: string): readonly string[] | undefined {
  const hosts = text.split(',').map((host) => host.trim());
  if (hosts.length > MAX_HOSTS) return undefined;
  try {
    return [...new Set(readAlternativeNames(parseDer(encodeAlternativeNames({ hosts }))).hosts)];
  } catch (error) {
    // A name that no certificate can carry is the operator's to correct.
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

function refuse(context: z.core.$RefinementCtx): never {
  context.addIssue('no host names');
  return z.NEVER;
}
