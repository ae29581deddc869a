/** Whether the statement is by the participant whose session it came through. */
import { z } from 'zod';
import { parseJws, verifyJws } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { CommandStatement } from '../../shared/wire/commands.ts';
import type { SessionKeys } from './open-statement.ts';
import type { OpenedCommand } from './stages.ts';

/** Throws 'malformed' for what is no statement, 'statement-not-by-session' for another signer, 'signature-invalid'. */
export async function verifySignature(
  envelope: OpenedCommand,
  { subject, publicKey }: Omit<SessionKeys, 'sealing'>,
): Promise<CommandStatement> {
  // It is a statement: a command, signed as a command.
  const { kid, claims } = parseJws(envelope.statement, 'command+jwt', CommandStatement);
  // It names the session's participant as its signer.
  if (kid !== subject) throw new ProtocolError('statement-not-by-session');
  // The key that the session's certificate names signed it. The claims were parsed above.
  const expected = { typ: 'command+jwt', key: publicKey, kid, schema: z.unknown() } as const;
  await verifyJws(envelope.statement, expected);
  return claims;
}
