/** Whether a command was recorded before: then it is not judged again, whatever its age, and its sender gets the answer of then. */
import { ProtocolError } from '../../shared/errors.ts';
import type { Accepted } from '../../shared/wire/commands.ts';
import type { Subject } from '../../shared/wire/vocabulary.ts';
import type { SignedCommand } from './stages.ts';

/** What the house knows of an id. `subject` is who may have the answer again. */
export interface Recordings {
  recorded(id: string): { readonly subject: Subject | undefined; readonly answer: Accepted } | undefined;
}

/** The original answer, `undefined` for a new id. Throws 'id-in-use' if another participant's command has this id. */
export function findRepeat({ claims, subject }: SignedCommand, house: Recordings): Accepted | undefined {
  const original = house.recorded(claims.id);
  if (original === undefined) return undefined;
  if (original.subject !== subject) throw new ProtocolError('id-in-use');
  return original.answer;
}
