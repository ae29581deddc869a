/** The operator's token: made at the first start unless it is given, and asked for where only the operator may act. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { encodeBase64url, utf8 } from '../shared/bytes.ts';
import { sha256 } from '../shared/crypto/digest.ts';
import { ProtocolError } from '../shared/errors.ts';
import type { PrivateFolder } from '../shared/private-folder.ts';

const FILE = 'operator-token';
const TOKEN_BYTES = 32;

/** The configured token, or the one in the folder's `operator-token`, or a new one that is kept there. */
export function loadOperatorToken(configured: string | undefined, folder: PrivateFolder): string {
  if (configured !== undefined) return configured;
  const kept = folder.readSecret(FILE)?.trim();
  if (kept !== undefined && kept !== '') return kept;
  const made = encodeBase64url(randomBytes(TOKEN_BYTES));
  folder.writeSecret(FILE, `${made}\n`);
  return made;
}

export class OperatorAccess {
  readonly #digest: Uint8Array;

  constructor(token: string) {
    this.#digest = sha256(utf8.encode(token));
  }

  /** Throws 'operator-token-required' unless the request carries the token (RFC 6750 section 2.1). */
  demand(headers: IncomingHttpHeaders): void {
    if (!this.#isRight(headers.authorization)) throw new ProtocolError('operator-token-required');
  }

  /** Whether a request claims to be the operator's. One that does so wrongly is refused even where it need not. */
  isClaimed(headers: IncomingHttpHeaders): boolean {
    return headers.authorization !== undefined;
  }

  /** Digests are compared, in constant time: neither length nor beginning of the token shows in the time it takes. */
  #isRight(authorization: string | undefined): boolean {
    const [, token] = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization ?? '') ?? [];
    return token !== undefined && timingSafeEqual(sha256(utf8.encode(token)), this.#digest);
  }
}
