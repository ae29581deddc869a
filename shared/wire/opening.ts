/** What opens the commitment of one record. It goes to the other party of a sale, and to nobody else. */
import { z } from 'zod';
import { MAX_CERTIFICATE_PEM_CHARACTERS, MAX_JWS_BYTES } from './limits.ts';
import { LogEntry } from './log.ts';
import { Bytes32, Position } from './vocabulary.ts';

/** A record as the public log has it, and what its commitment is to: SHA-256 of the salt, then of the private part's bytes. */
export const Opening = z.strictObject({
  position: Position,
  ...LogEntry.shape,
  salt: Bytes32,
  /** RFC 8785 JSON: a statement, and the certificate of who signed it. */
  privatePart: z.string().max(2 * (MAX_JWS_BYTES + MAX_CERTIFICATE_PEM_CHARACTERS)),
});
export type Opening = z.infer<typeof Opening>;
