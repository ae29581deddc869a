/** A command on its way out: **sign, then timestamp the signature, then seal.** Each step takes only what the one before gave. */
import { encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { type JwsSigner, signJws } from '../../shared/crypto/jws.ts';
import type { Seal } from '../../shared/platform/twins.ts';
import type { CommandEnvelope, CommandStatement } from '../../shared/wire/commands.ts';
import type { SealedCommand } from '../../shared/wire/socket-events.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { CompactJws, Digest } from '../../shared/wire/vocabulary.ts';

/** A statement with its signature, and what gets stamped: it stays the same however often the command is sent. */
export interface SignedStatement {
  readonly statement: CompactJws;
  /** SHA-256 of the statement's ASCII bytes. */
  readonly imprint: Digest;
}

/** First: the participant says it. */
export async function signStatement(signer: JwsSigner, claims: CommandStatement): Promise<SignedStatement> {
  const statement = await signJws(signer, 'command+jwt', claims);
  return { statement, imprint: digestOfText(statement) };
}

/** Last, with the token over the imprint in hand: nobody but this session's DMS reads it, and only while the session lasts. */
export function sealCommand({ statement }: SignedStatement, timestamp: TimestampToken, seal: Seal): SealedCommand {
  const envelope: CommandEnvelope = { statement, timestamp };
  return encodeBase64url(seal(utf8.encode(JSON.stringify(envelope)))) as SealedCommand;
}
