/**
 * The part of a command's way that needs nothing but its session's keys, and nearly all of its cryptography: opened, its
 * statement verified, and all that is hashed of it hashed. The same wherever it is done, here or in a worker thread.
 */

import type { P256PublicKey } from '#platform/p256.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import type { SealingKeyPair } from '../../shared/crypto/ecies.ts';
import { climbToRoot } from '../../shared/timestamp/verify-timestamp.ts';
import type { SealedCommand } from '../../shared/wire/socket-events.ts';
import type { Subject } from '../../shared/wire/vocabulary.ts';
import { openEnvelope } from './open-envelope.ts';
import type { SignedCommand } from './stages.ts';
import { verifySignature } from './verify-signature.ts';

/** The keys of one session: its own, which opens, and its participant's, which verifies. */
export interface SessionKeys {
  readonly sealing: SealingKeyPair;
  readonly subject: Subject;
  readonly publicKey: P256PublicKey;
}

/** A session, as its keys are asked for. */
export interface SealedSession {
  /** Throws 'session-expired' when they are dropped. */
  readonly keys: SessionKeys;
}

/** Who opens and verifies statements, in which thread ever. */
export interface Statements {
  /** Throws as `openStatement` does. */
  open(sealed: SealedCommand, session: SealedSession): Promise<SignedCommand>;
  /** Drops the keys of a session that is over. */
  forget(session: SealedSession): void;
  close(): Promise<void>;
}

/** In this thread: where there is one core, or a thread would take longer to start than it is of use. */
export const statementsHere: Statements = {
  open: async (sealed, { keys }) => openStatement(sealed, keys),
  forget: () => {},
  close: async () => {},
};

/**
 * @throws ProtocolError 'malformed' | 'envelope-unreadable' | 'frame-too-large' | 'statement-not-by-session' | 'signature-invalid'
 */
export async function openStatement(sealed: SealedCommand, keys: SessionKeys): Promise<SignedCommand> {
  // It was sealed to this session's key, and has the form of an envelope.
  const envelope = await openEnvelope(sealed, keys.sealing);
  // The session's participant has signed it.
  const claims = await verifySignature(envelope, keys);
  const imprint = digestOfText(envelope.statement);
  const climbed = climbToRoot(envelope.timestamp, imprint);
  return { envelope, claims, subject: keys.subject, imprint, climbed } as SignedCommand;
}
