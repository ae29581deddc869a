/** The operator's token, and the one that only reads metrics: made at the first start unless given, and asked for where they are needed. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { encodeBase64url, utf8 } from '../shared/bytes.ts';
import { sha256 } from '../shared/crypto/digest.ts';
import { ProtocolError } from '../shared/errors.ts';
import type { PrivateFolder } from '../shared/private-folder.ts';

/** The files that tokens are kept in. */
export const TOKEN_FILES = { operator: 'operator-token', metrics: 'metrics-token' } as const;
const TOKEN_BYTES = 32;

/** The configured token, or the one in this file of the folder, or a new one that is kept there. */
export function loadToken(configured: string | undefined, folder: PrivateFolder, file: string): string {
  if (configured !== undefined) return configured;
  const kept = folder.readSecret(file)?.trim();
  if (kept !== undefined && kept !== '') return kept;
  const made = encodeBase64url(randomBytes(TOKEN_BYTES));
  folder.writeSecret(file, `${made}\n`);
  return made;
}

export class OperatorAccess {
  readonly #digest: Uint8Array;

  constructor(token: string) {
    this.#digest = sha256(utf8.encode(token));
  }

  /** Throws 'operator-token-required' unless the request carries the token (RFC 6750 section 2.1). */
  demand(headers: IncomingHttpHeaders): void {
    if (!this.isRight(headers)) throw new ProtocolError('operator-token-required');
  }

  /** Whether a request claims to be the operator's. One that does so wrongly is refused even where it need not. */
  isClaimed(headers: IncomingHttpHeaders): boolean {
    return headers.authorization !== undefined;
  }

  /** Digests are compared, in constant time: neither length nor beginning of the token shows in the time it takes. */
  isRight({ authorization = '' }: IncomingHttpHeaders): boolean {
    const [, token] = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization) ?? [];
    return token !== undefined && timingSafeEqual(sha256(utf8.encode(token)), this.#digest);
  }
}
