/** What was sealed to the session: opened with the session's own key, which no other session has, and parsed. */
import { openSealed, type SealingKeyPair } from '../../shared/crypto/ecies.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { parseStrictJson } from '../../shared/strict-json.ts';
import { CommandEnvelope } from '../../shared/wire/commands.ts';
import type { SealedCommand } from '../../shared/wire/socket-events.ts';
import { fieldsOf } from '../admission/authenticate-peer.ts';
import { decodeFrame } from './check-frame.ts';
import type { OpenedCommand } from './stages.ts';

/** Throws 'envelope-unreadable' for what was not sealed to this key, or was changed since; 'malformed' for another content. */
export async function openEnvelope(sealed: SealedCommand, key: SealingKeyPair): Promise<OpenedCommand> {
  const envelope = CommandEnvelope.safeParse(parseStrictJson(await openSealed(key, decodeFrame(sealed))));
  if (!envelope.success) throw new ProtocolError('malformed', `of the envelope: ${fieldsOf(envelope.error.issues)}`);
  return envelope.data as OpenedCommand;
}
