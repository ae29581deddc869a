/** The public log of a DMS over HTTPS, as anybody may read it. Nothing in an answer is verified here. */
import { ProtocolError } from '../../shared/errors.ts';
import { HttpConnection, parseAnswer } from '../../shared/http-connection.ts';
import { createServerIdentityCheck } from '../../shared/pki/check-server-identity.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import { MAX_LOG_PAGE_BYTES } from '../../shared/wire/limits.ts';
import { CheckpointAnswer, EntriesAnswer, LOG_PATHS, type LogEntry, PathAnswer } from '../../shared/wire/log.ts';

const TIMEOUT_MS = 5_000;
/** A checkpoint twice, with its certificates; a path is far smaller. */
const MAX_REPLY_BYTES = 65_536;
/** The most public parts of a page, each quoted once more, and its commitments. */
export const MAX_PAGE_BYTES: number = 3 * MAX_LOG_PAGE_BYTES;

export interface LogApiLimits {
  readonly timeoutMs?: number;
  /** For whoever reads entries: a page is longer than everything else. */
  readonly maxReplyBytes?: number;
}

export class LogApi {
  readonly #connection: HttpConnection;

  /** `baseUrl` is the DMS's; its certificate must be a DMS's under this root. */
  constructor(baseUrl: string, root: Certificate, limits: LogApiLimits = {}) {
    const { timeoutMs = TIMEOUT_MS, maxReplyBytes = MAX_REPLY_BYTES } = limits;
    this.#connection = new HttpConnection({
      baseUrl,
      timeoutMs,
      maxReplyBytes,
      tls: { ca: root.pem, checkServerIdentity: createServerIdentityCheck('dms-node', root) },
      unreachable: 'dms-unreachable',
    });
  }

  /** The newest checkpoint. Throws 'dms-unreachable', 'peer-untrusted', and what the DMS refuses. */
  async checkpoint(): Promise<CheckpointAnswer> {
    return parseAnswer(await this.#connection.send('GET', LOG_PATHS.checkpoint, {}), CheckpointAnswer);
  }

  /** The proof that the journal of `to` records continues that of `from`. Throws as `checkpoint`. */
  async consistency(from: number, to: number): Promise<string[]> {
    const path = `${LOG_PATHS.consistency}?from=${from}&to=${to}`;
    return parseAnswer(await this.#connection.send('GET', path, {}), PathAnswer).path;
  }

  /** The path of the record at `position` in the journal of `size` records. Throws as `checkpoint`. */
  async inclusion(position: number, size: number): Promise<string[]> {
    const path = `${LOG_PATHS.inclusion}?position=${position}&size=${size}`;
    return parseAnswer(await this.#connection.send('GET', path, {}), PathAnswer).path;
  }

  /** A page of the records from position `from` on; empty where nothing more may be known yet. Throws as `checkpoint`. */
  async entries(from: number): Promise<readonly LogEntry[]> {
    const reply = await this.#connection.send('GET', `${LOG_PATHS.entries}?from=${from}`, {});
    const answer = parseAnswer(reply, EntriesAnswer);
    if (answer.from !== from) throw new ProtocolError('dms-unreachable', `it answered with another page than ${from}`);
    return answer.entries;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
