/** What the contract does not say of a journal in PostgreSQL: several writers, lost connections, and servers that lie. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Recorded } from '../../../dms/journal/journal.ts';
import { PostgresJournal, type PostgresJournalOptions } from '../../../dms/journal/postgres-journal.ts';
import type { Position } from '../../../shared/wire/vocabulary.ts';
import { ask, PostgresServer } from '../../support/postgres-server.ts';
import { refusalOf } from '../../support/refusal.ts';
import { until } from '../../support/until.ts';
import { START, someEntry, someHouse, someLot } from './sample-entries.ts';

let server: PostgresServer;
let url: string;
let journals: PostgresJournal[];
beforeAll(async () => {
  server = await PostgresServer.start();
}, 60_000);
afterAll(() => server.close());
beforeEach(async () => {
  journals = [];
  url = await server.create();
});
afterEach(() => Promise.all(journals.map((journal) => journal.close())));

function journalOf(changes: Partial<PostgresJournalOptions> = {}): PostgresJournal {
  const journal = new PostgresJournal({ url, newHouse: someHouse(), ...changes });
  journals.push(journal);
  return journal;
}

async function opened(changes: Partial<PostgresJournalOptions> = {}): Promise<PostgresJournal> {
  const journal = journalOf(changes);
  await journal.open();
  return journal;
}

/** Asks until the outcome is known, as the house does. */
async function appendForCertain(journal: PostgresJournal, batch: Parameters<PostgresJournal['append']>[0]) {
  return until('a known outcome', () => journal.append(batch).catch((error) => onlyAway(error)), 30_000);
}

function onlyAway(error: { code?: string }): undefined {
  if (error.code !== 'journal-unavailable') throw error;
}

const idsOf = (records: readonly Recorded[]) => records.map(({ id }) => id);

describe('several nodes on one journal', () => {
  it('make it together and find the same house, whoever comes first', async () => {
    const heads = await Promise.all(Array.from({ length: 6 }, () => journalOf().open()));
    expect(new Set(heads.map(({ house }) => house)).size).toBe(1);
  });

  it('append without a gap, each to the version it has seen, and all read the same order', async () => {
    const nodes = await Promise.all([opened(), opened(), opened()]);
    const lot = someLot();
    let conflicts = 0;
    const append = async (journal: PostgresJournal, name: string) => {
      for (let n = 0; n < 40; ) {
        const version = (await journal.read(START, 1_000)).length;
        const [outcome] = await journal.append([someEntry(lot, version, `${name}-${n}`)]);
        if (outcome?.ok) n += 1;
        else conflicts += 1;
      }
    };
    await Promise.all(nodes.map((journal, n) => append(journal, `node${n}`)));
    const orders = await Promise.all(nodes.map((journal) => journal.read(START, 1_000)));
    expect(orders[1]).toEqual(orders[0]);
    expect(orders[2]).toEqual(orders[0]);
    expect(orders[0]?.map(({ position, version }) => [position, version])).toEqual(
      Array.from({ length: 120 }, (_, n) => [n + 1, n + 1]),
    );
    expect(conflicts).toBeGreaterThan(0);
  });

  it('hear of what another one appends, in order and without a gap, also after the connection was lost', async () => {
    const [writer, follower] = await Promise.all([opened(), opened()]);
    const stop = new AbortController();
    const heard: Recorded[] = [];
    const following = follower.subscribe(START, async (records) => void heard.push(...records), stop.signal);
    const ids: string[] = [];
    const appendMore = async () => {
      const entries = Array.from({ length: 10 }, () => someEntry(someLot(), 0));
      await appendForCertain(writer, entries);
      ids.push(...entries.map(({ id }) => id));
      await until('all of it', () => heard.length === ids.length);
    };
    await appendMore();
    const others =
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()';
    await ask(url, others);
    await appendMore();
    await appendMore();
    stop.abort();
    await following;
    expect(idsOf(heard)).toEqual(ids);
    expect(heard.map(({ position }) => position)).toEqual(ids.map((_, n) => n + 1));
  });

  it('hear of it without the bell, too', async () => {
    const [writer, follower] = await Promise.all([opened(), opened()]);
    const stop = new AbortController();
    const heard = Promise.withResolvers<Recorded[]>();
    const following = follower.subscribe(START, async (records) => heard.resolve(records), stop.signal);
    const entry = someEntry(someLot(), 0);
    await ask(url, 'ALTER TABLE gavel.head DISABLE TRIGGER ALL');
    await ask(
      url,
      `CREATE OR REPLACE FUNCTION pg_temp.nothing() RETURNS void LANGUAGE sql AS 'SELECT'`,
      `DO $$ BEGIN EXECUTE replace(pg_get_functiondef('gavel.append'::regproc), 'PERFORM pg_notify', 'PERFORM format'); END $$`,
    );
    await writer.append([entry]);
    expect(idsOf(await heard.promise)).toEqual([entry.id]);
    stop.abort();
    await following;
  });
});

/** A way to the server that can lose what the server answers, or freeze. */
class Wire {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Called with what the client sends; `true` ends every connection once that has been passed on and done. */
  cutAfter: ((bytes: Buffer) => boolean) | undefined;

  constructor(port: number) {
    this.#server = createServer((client) => {
      const upstream = connect(port, '127.0.0.1');
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        socket.on('error', () => socket.destroy());
      }
      client.on('close', () => upstream.destroy());
      upstream.on('close', () => client.destroy());
      let isDeaf = false;
      client.on('data', (bytes) => {
        isDeaf ||= this.cutAfter?.(bytes) === true;
        upstream.write(bytes);
      });
      upstream.on('data', (bytes) => {
        // The server has done it, and nobody hears of that.
        if (isDeaf) this.cut();
        else client.write(bytes);
      });
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as { port: number }).port;
  }

  cut(): void {
    this.cutAfter = undefined;
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}

describe('an append whose answer is lost', () => {
  let wire: Wire;
  let behind: string;
  beforeEach(async () => {
    wire = new Wire(server.port);
    behind = url.replace(String(server.port), String(await wire.listen()));
  });
  afterEach(() => wire.close());

  it('rejects, and the same ids again tell that it was recorded', async () => {
    const changes: (string | undefined)[] = [];
    const journal = await opened({ url: behind, onChange: (trouble) => changes.push(trouble) });
    const lot = someLot();
    const batch = [someEntry(lot, 0), someEntry(lot, 1)];
    wire.cutAfter = (bytes) => bytes.includes('gavel.append');
    expect(await refusalOf(journal.append(batch))).toBe('journal-unavailable');
    expect(await appendForCertain(journal, batch)).toEqual([
      { ok: false, why: 'duplicate', position: 1 },
      { ok: false, why: 'duplicate', position: 2 },
    ]);
    expect(idsOf(await journal.read(START, 10))).toEqual(batch.map(({ id }) => id));
    expect(journal.isAway).toBe(false);
    expect(changes).toEqual([expect.any(String), undefined]);
  });

  describe('by one that waits for its standby', () => {
    let alone: PostgresServer;
    beforeEach(async () => {
      // It never comes: every commit waits for it, from the moment on at which this is in force.
      alone = await PostgresServer.start();
      url = await alone.create();
    });
    afterEach(() => alone.close());

    const isWaiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query LIKE '%gavel.append%'";

    /** Appends until an append waits: its entry, and what it comes to. */
    async function appendInVain(journal: PostgresJournal) {
      await ask(alone.url, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", 'SELECT pg_reload_conf()');
      return until('an append that waits for a standby', async () => {
        const entry = someEntry(someLot(), 0);
        let isAnswered = false;
        const answer = refusalOf(journal.append([entry])).finally(() => {
          isAnswered = true;
        });
        answer.catch(() => undefined);
        const waits = await until('its fate', async () => {
          if (isAnswered) return 'not';
          return (await ask(alone.url, `SELECT pid ${isWaiting}`)).length === 1 && 'waits';
        });
        return waits === 'waits' && { entry, answer };
      });
    }

    const letStandby = () => ask(alone.url, 'ALTER SYSTEM RESET synchronous_standby_names', 'SELECT pg_reload_conf()');

    it('is asked again behind it, and not before', async () => {
      const far = new Wire(alone.port);
      const journal = await opened({ url: url.replace(String(alone.port), String(await far.listen())) });
      const { entry, answer } = await appendInVain(journal);
      far.cut();
      expect(await answer).toBe('journal-unavailable');
      // The lost one still has the lock, and nobody sees what it has written: it is not as durable as it has to be.
      expect(await refusalOf(journal.append([entry]))).toBe('journal-unavailable');
      expect(journal.isAway).toBe(true);
      expect(await ask(url, `SELECT FROM gavel.record WHERE id = '${entry.id}'`)).toEqual([]);
      await letStandby();
      expect(await appendForCertain(journal, [entry])).toMatchObject([{ ok: false, why: 'duplicate' }]);
      far.close();
    });

    it('is not believed after a crash of the primary either, until a standby has it', async () => {
      const journal = await opened();
      const { entry, answer } = await appendInVain(journal);
      await alone.kill();
      expect(await answer).toBe('journal-unavailable');
      await alone.run();
      // It is on the disk of this server, and on no other.
      const here = () => ask(url, `SELECT FROM gavel.record WHERE id = '${entry.id}'`);
      expect(await here()).toHaveLength(1);
      expect(await refusalOf(journal.read(START, 1_000))).toBe('journal-unavailable');
      await letStandby();
      expect(await appendForCertain(journal, [entry])).toMatchObject([{ ok: false, why: 'duplicate' }]);
    });

    it('is unknown too where the server says done, and warns that it did not wait', async () => {
      const journal = await opened();
      const { entry, answer } = await appendInVain(journal);
      await ask(alone.url, `SELECT pg_cancel_backend(pid) ${isWaiting}`);
      expect(await answer).toBe('journal-unavailable');
      await letStandby();
      expect(await appendForCertain(journal, [entry])).toMatchObject([{ ok: false, why: 'duplicate' }]);
    });
  });
});

describe('a server', () => {
  it('that is killed again and again loses nothing that it acknowledged, and doubles nothing', {
    timeout: 60_000,
  }, async () => {
    // One database alone: after a kill a server looks at every file before it goes on.
    const own = await PostgresServer.start();
    url = await own.create();
    const nodes = await Promise.all([opened(), opened()]);
    const acknowledged = new Map<string, number>();
    let isOver = false;
    const load = nodes.map(async (journal, node) => {
      for (let n = 0; !isOver; n += 1) {
        const batch = Array.from({ length: 5 }, (_, k) => someEntry(someLot(), 0, `${node}-${n}-${k}`));
        const outcomes = await appendForCertain(journal, batch);
        for (const [k, { id }] of batch.entries()) {
          const outcome = outcomes[k]!;
          // Fresh lots and ids: whatever was there before is our own first attempt.
          if (!('position' in outcome)) throw new Error(`a conflict on a fresh lot: ${id}`);
          acknowledged.set(id, outcome.position);
        }
      }
    });
    for (const way of ['kill', 'stop', 'kill'] as const) {
      const enough = acknowledged.size + 200;
      await until('many acknowledged records', () => acknowledged.size >= enough, 20_000);
      await own[way]();
      await own.run();
    }
    const enough = acknowledged.size + 200;
    await until('many more', () => acknowledged.size >= enough, 20_000);
    isOver = true;
    await Promise.all(load);
    const records = await nodes[0]!.read(START, 100_000);
    expect(records.map(({ position }) => position)).toEqual(records.map((_, n) => n + 1));
    expect(new Map(records.map(({ id, position }) => [id, position]))).toEqual(acknowledged);
    await Promise.all(nodes.map((journal) => journal.close()));
    await own.close();
  });

  it('that has lost records is refused: at the next connection, and at the next start by the anchor', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gavel-anchor-'));
    const anchorFile = join(folder, 'journal.anchor');
    const journal = await opened({ anchorFile });
    for (let n = 0; n < 3; n += 1) await journal.append([someEntry(someLot(), 0)]);
    expect(existsSync(anchorFile)).toBe(true);
    // As a standby that was behind, and became the primary.
    await ask(
      url,
      'ALTER TABLE gavel.record DISABLE TRIGGER USER',
      'DELETE FROM gavel.record WHERE position = 3',
      'UPDATE gavel.head SET position = 2',
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()',
    );
    const code = async () => {
      const told = await refusalOf(journal.read(START, 1));
      return told !== 'journal-unavailable' && told;
    };
    expect(await until('a look at the journal', code)).toBe('journal-damaged');
    expect(await refusalOf(journal.append([someEntry(someLot(), 0)]))).toBe('journal-damaged');
    await journal.close();
    expect(await refusalOf(journalOf({ anchorFile }).open())).toBe('journal-damaged');
    expect((await journalOf().open()).position).toBe(2);
    rmSync(folder, { recursive: true });
  });

  it('lets nobody change or remove a record', async () => {
    const journal = await opened();
    await journal.append([someEntry(someLot(), 0)]);
    for (const change of ['DELETE FROM gavel.record', "UPDATE gavel.record SET id = 'x'", 'TRUNCATE gavel.record']) {
      await expect(ask(url, change)).rejects.toThrow('append-only');
    }
    expect(await journal.read(START, 10)).toHaveLength(1);
  });

  it('that was the primary loses nothing to its synchronous standby, and is passed over when it comes back', {
    timeout: 90_000,
  }, async () => {
    const first = await PostgresServer.start();
    const database = await first.create();
    const standby = await PostgresServer.standbyOf(first);
    await ask(first.url, "ALTER SYSTEM SET synchronous_standby_names = '*'", 'SELECT pg_reload_conf()');
    const isSynchronous = "SELECT FROM pg_stat_replication WHERE sync_state = 'sync'";
    await until('a synchronous standby', async () => (await ask(first.url, isSynchronous)).length === 1);
    // The standby first: it is passed over as long as it is one.
    url = database.replace(`:${first.port}`, `:${standby.port},127.0.0.1:${first.port}`);
    const nodes = await Promise.all([opened(), opened()]);

    const acknowledged = new Map<string, number>();
    let isOver = false;
    const load = nodes.map(async (journal, node) => {
      for (let n = 0; !isOver; n += 1) {
        const batch = [someEntry(someLot(), 0, `${node}-${n}`)];
        const [outcome] = await appendForCertain(journal, batch);
        if (outcome === undefined || !('position' in outcome)) throw new Error('a conflict on a fresh lot');
        acknowledged.set(`${node}-${n}`, outcome.position);
      }
    });
    const more = (count: number) => {
      const enough = acknowledged.size + count;
      return until('more acknowledged records', () => acknowledged.size >= enough, 30_000);
    };
    await more(200);
    await first.kill();
    await ask(standby.url, 'SELECT pg_promote()');
    await more(200);
    isOver = true;
    await Promise.all(load);
    const records = await nodes[0]!.read(START, 100_000);
    expect(new Map(records.map(({ id, position }) => [id, position]))).toEqual(acknowledged);

    // The former primary is back and believes that it still is one. No standby confirms what it says.
    await first.run();
    url = database.replace(`:${first.port}`, `:${first.port},127.0.0.1:${standby.port}`);
    expect((await journalOf().open()).position).toBe(records.length);
    await Promise.all(journals.map((journal) => journal.close()));
    await standby.close();
    await first.close();
  });

  it.each([
    ['no database of that name', (given: string) => `${given}_that_is_not`, 'journal-unusable'],
    ['no user of that name', (given: string) => given.replace('gavel@', 'stranger:secret-word@'), 'journal-unusable'],
  ])('with %s is said at once, without a password', async (_, change, code) => {
    const failure = await journalOf({ url: change(url) })
      .open()
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code });
    expect(String(failure)).not.toContain('secret-word');
  });

  it('that does not sync is no place for a journal', async () => {
    const careless = await PostgresServer.start(['fsync=off']);
    expect(await refusalOf(journalOf({ url: careless.url }).open())).toBe('journal-unusable');
    await careless.close();
  });

  it('with a journal of a newer version, or a gap, is left alone', async () => {
    const journal = await opened();
    await journal.append([someEntry(someLot(), 0), someEntry(someLot(), 0), someEntry(someLot(), 0)]);
    await ask(url, 'UPDATE gavel.head SET schema_version = 99');
    expect(await refusalOf(journalOf().open())).toBe('journal-too-new');
    await ask(
      url,
      'UPDATE gavel.head SET schema_version = 1',
      'ALTER TABLE gavel.record DISABLE TRIGGER USER',
      'DELETE FROM gavel.record WHERE position = 2',
    );
    expect(await refusalOf(journalOf().open())).toBe('journal-damaged');
  });

  it('is waited for when it is not there at the start', async () => {
    await server.stop();
    const opening = journalOf().open();
    await server.run();
    expect((await opening).position).toBe(0 as Position);
  });
});
