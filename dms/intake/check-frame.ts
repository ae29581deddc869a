/** Whether the argument of `command` has the size and form of a sealed command: the checks that cost nothing. */
import { decodeBase64url } from '../../shared/bytes.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { MAX_ENVELOPE_BYTES } from '../../shared/wire/limits.ts';
import { SealedCommand } from '../../shared/wire/socket-events.ts';

/** Throws 'frame-too-large', and 'malformed' for everything that is no text. */
export function checkFrame(frame: unknown): SealedCommand {
  if (typeof frame === 'string' && frame.length > MAX_ENVELOPE_BYTES) throw new ProtocolError('frame-too-large');
  const sealed = SealedCommand.safeParse(frame);
  if (!sealed.success) throw new ProtocolError('malformed', 'a command is one text');
  return sealed.data;
}

/** The bytes of the envelope. Throws 'malformed' for another text form than canonical base64url. */
export function decodeFrame(sealed: SealedCommand): Uint8Array {
  const bytes = decodeBase64url(sealed);
  if (bytes === undefined) throw new ProtocolError('malformed', 'a command is base64url without padding');
  return bytes;
}
