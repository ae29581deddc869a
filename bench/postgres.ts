/**
 * PostgreSQL for the bench: the server that `GAVEL_BENCH_PG_URL` names, or one of our own from the system's binaries,
 * with the settings it comes with. Every journal gets a database of its own.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { BenchSettings } from './bench.ts';
import { freePort } from './free-port.ts';

/** PostgreSQL refuses to run as root, so that root runs it as somebody who owns nothing else. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const asUser = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
const START_LIMIT_MS = 60_000;
const PAUSE_MS = 100;
const SYSTEM = '/usr/lib/postgresql';

export interface Postgres {
  /** The address of an empty database. */
  create(): Promise<string>;
  close(): Promise<void>;
}

type Wanted = Pick<BenchSettings, 'postgresUrl' | 'env'>;

/** Throws where no server is named and no binaries are found. */
export async function openPostgres({ postgresUrl: url, env }: Wanted): Promise<Postgres> {
  if (url === undefined) return startServer(env['PATH'] ?? '');
  const made: string[] = [];
  return {
    create: async () => {
      const address = await createDatabase(url);
      made.push(new URL(address).pathname.slice(1));
      return address;
    },
    close: async () => {
      for (const name of made) await askPostgres(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** One statement on a connection of its own. */
export async function askPostgres(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

async function startServer(path: string): Promise<Postgres> {
  const binaries = findBinaries(path);
  const folder = await mkdtemp(join(tmpdir(), 'gavel-bench-postgres-'));
  const data = join(folder, 'data');
  await mkdir(data, { mode: 0o700 });
  if (isRoot) for (const one of [folder, data]) await chown(one, NOBODY, NOBODY);
  const how = ['--auth=trust', '--username=gavel', '--encoding=UTF8', '--no-locale'];
  execFileSync(join(binaries, 'initdb'), [...how, '-D', data], { ...asUser, stdio: 'pipe', cwd: '/' });
  const port = await freePort();
  const where = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder];
  const server = spawn(join(binaries, 'postgres'), where, { ...asUser, cwd: '/', stdio: 'ignore' });
  const url = `postgres://gavel@127.0.0.1:${port}/postgres`;
  const close = async () => {
    await end(server);
    await rm(folder, { recursive: true });
  };
  try {
    await untilItAnswers(url);
  } catch (error) {
    await close();
    throw error;
  }
  return { create: () => createDatabase(url), close };
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGINT');
  await ended;
}

async function untilItAnswers(url: string): Promise<void> {
  for (const limit = performance.now() + START_LIMIT_MS; ; await pause(PAUSE_MS)) {
    try {
      await askPostgres(url, 'SELECT 1');
      return;
    } catch (error) {
      // It is still starting, until that has taken too long.
      if (performance.now() > limit) throw error;
    }
  }
}

async function createDatabase(url: string): Promise<string> {
  const name = `gavel_bench_${randomUUID().replaceAll('-', '')}`;
  await askPostgres(url, `CREATE DATABASE ${name}`);
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
}

function findBinaries(path: string): string {
  const versions = existsSync(SYSTEM) ? readdirSync(SYSTEM).map((version) => join(SYSTEM, version, 'bin')) : [];
  const candidates = [...path.split(delimiter), ...versions];
  const found = candidates.find((folder) => folder !== '' && existsSync(join(folder, 'initdb')));
  if (found === undefined) throw new Error('no PostgreSQL here: name a server in GAVEL_BENCH_PG_URL');
  return found;
}
