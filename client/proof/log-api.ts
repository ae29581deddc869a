/** The public log of a DMS over HTTPS, as anybody may read it. Nothing in an answer is verified here. */
import { HttpConnection, parseAnswer } from '../../shared/http-connection.ts';
import { createServerIdentityCheck } from '../../shared/pki/check-server-identity.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import { CheckpointAnswer, LOG_PATHS, PathAnswer } from '../../shared/wire/log.ts';

const TIMEOUT_MS = 5_000;
/** A checkpoint twice, with its certificates; a path is far smaller. */
const MAX_REPLY_BYTES = 65_536;

export class LogApi {
  readonly #connection: HttpConnection;

  /** `baseUrl` is the DMS's; its certificate must be a DMS's under this root. */
  constructor(baseUrl: string, root: Certificate) {
    this.#connection = new HttpConnection({
      baseUrl,
      timeoutMs: TIMEOUT_MS,
      maxReplyBytes: MAX_REPLY_BYTES,
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

  close(): Promise<void> {
    return this.#connection.close();
  }
}
