/**
 * The stages of trust, each another type: SealedCommand → OpenedCommand → SignedCommand → VerifiedCommand. A check takes
 * the stage before it and gives the one after it, so that a check that was forgotten does not compile.
 */
import type { Brand } from '../../shared/brand.ts';
import type { Stamp } from '../../shared/timestamp/timestamp-token.ts';
import type { ClimbedToken } from '../../shared/timestamp/verify-timestamp.ts';
import type { CommandEnvelope, CommandStatement } from '../../shared/wire/commands.ts';
import type { Digest, Subject } from '../../shared/wire/vocabulary.ts';

/** It was sealed to this session and has the form of an envelope. What is in it may be anybody's. */
export type OpenedCommand = Brand<CommandEnvelope, 'OpenedCommand'>;

/** The session's participant signed the statement. It may be meant for another house, and be of any age. */
export type SignedCommand = Brand<
  {
    readonly envelope: OpenedCommand;
    readonly claims: CommandStatement;
    readonly subject: Subject;
    /** The digest of the statement: what its timestamp has to be over. */
    readonly imprint: Digest;
    /** Where its timestamp leads to. Nobody has looked yet who signed that. */
    readonly climbed: ClimbedToken;
  },
  'SignedCommand'
>;

/** The authority stamped this very statement, just before it arrived. */
export type FreshStamp = Brand<Stamp, 'FreshStamp'>;
