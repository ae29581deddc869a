/** One connection to a PostgreSQL server: the one door of `pg`. Every question has an end, and a lost connection is said. */
import { Client, DatabaseError } from 'pg';
import { ProtocolError } from '../../shared/errors.ts';
import { JournalAway, JournalFailed } from './journal.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface ConnectionEvents {
  /** A `NOTIFY` on a channel that is listened to. */
  readonly onNotification: (payload: string) => void;
  /** The connection is gone. Called once, whoever ended it. */
  readonly onEnd: () => void;
}

/** A server that does not answer by then is taken for gone, and what was asked of it for unknown. */
const ANSWER_LIMIT_MS = 4_000;
const CONNECT_LIMIT_MS = 2_000;
/** A half-open connection is found out by the system after this. */
const KEEP_ALIVE_MS = 5_000;

/**
 * `lock_timeout` is below `ANSWER_LIMIT_MS`, so that those who wait behind a commit that hangs give up on the server as well.
 * The server's keepalives end the sessions of nodes that vanished. `synchronous_commit` is said, whatever the default is.
 */
const SETTINGS = `
  SET synchronous_commit = on;
  SET default_transaction_isolation = 'read committed';
  SET default_transaction_read_only = off;
  SET lock_timeout = '2s';
  SET statement_timeout = '20s';
  SET idle_in_transaction_session_timeout = '5s';
  SET tcp_keepalives_idle = 10;
  SET tcp_keepalives_interval = 5;
  SET tcp_keepalives_count = 3`;

export class PostgresConnection {
  readonly #client: Client;
  /** Set by a warning of the server: then a commit that is reported as done may not be as durable as it should. */
  #warning: string | undefined;
  /** One question at a time, in the order of asking. */
  #turn: Promise<void> = Promise.resolve();

  private constructor(client: Client) {
    this.#client = client;
  }

  /** Throws `JournalAway` where another attempt may help, `ProtocolError('journal-unusable')` where none will. */
  static async open(url: string, { onNotification, onEnd }: ConnectionEvents): Promise<PostgresConnection> {
    const client = new Client({
      connectionString: url,
      application_name: 'gavel-dms',
      connectionTimeoutMillis: CONNECT_LIMIT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    });
    const connection = new PostgresConnection(client);
    // What was asked is rejected with the same error; without a listener it would end the process.
    client.on('error', () => onEnd());
    client.on('end', () => onEnd());
    client.on('notification', ({ payload }) => onNotification(payload ?? ''));
    client.on('notice', ({ severity, message }) => {
      if (severity === 'WARNING') connection.#warning = message ?? severity;
    });
    try {
      await client.connect();
      await connection.query(SETTINGS);
    } catch (error) {
      connection.destroy();
      throw failureOf(error);
    }
    return connection;
  }

  /**
   * The rows of one statement. Throws `JournalAway` where the server is gone or can't answer just now: what was asked may
   * or may not have been done, or be done later. The connection is of no use after any error.
   */
  query(text: string, values?: readonly unknown[]): Promise<Row[]> {
    const answer = this.#turn.then(() => this.#ask(text, values));
    this.#turn = answer.then(
      () => undefined,
      () => undefined,
    );
    return answer;
  }

  /** Ends it at once. The server may go on with what it was asked. */
  destroy(): void {
    // With a question open, `pg` closes the connection under it; else it says goodbye first.
    this.#client.end().catch(() => undefined);
  }

  async #ask(text: string, values: readonly unknown[] | undefined): Promise<Row[]> {
    this.#warning = undefined;
    const tooLate = setTimeout(() => this.destroy(), ANSWER_LIMIT_MS);
    try {
      const { rows } = await this.#client.query(text, values as unknown[] | undefined);
      if (this.#warning !== undefined) throw new JournalAway(this.#warning);
      return rows;
    } catch (error) {
      throw failureOf(error);
    } finally {
      clearTimeout(tooLate);
    }
  }
}

/** SQLSTATE classes of what passes: connection, resources, operator, locks; and a primary that has become a standby. */
const PASSING = /^(08|53|57|40|55P03|25006)/;
/** Who we are, and that the database is there, will not be otherwise at the next attempt. */
const UNUSABLE = /^(28|3D|42501)/;
const DAMAGED = /^XX00[12]/;

function failureOf(error: unknown): Error {
  if (error instanceof ProtocolError || error instanceof JournalFailed) return error;
  const message = error instanceof Error ? error.message || error.name : String(error);
  if (!(error instanceof DatabaseError)) return new JournalAway(message, { cause: error });
  const { code = '' } = error;
  if (PASSING.test(code)) return new JournalAway(message, { cause: error });
  if (UNUSABLE.test(code)) return new ProtocolError('journal-unusable', message, { cause: error });
  if (DAMAGED.test(code)) return new ProtocolError('journal-damaged', message, { cause: error });
  return new JournalFailed(`${code}: ${message}`, { cause: error });
}
