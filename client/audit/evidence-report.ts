/** What evidence proves, in words that a third party can repeat, and for programs. */
import { encodeBase64url } from '../../shared/bytes.ts';
import { digestOfTerms } from '../../shared/crypto/digest.ts';
import type { CommandStatement } from '../../shared/wire/commands.ts';
import { formatAmount } from '../commands/currency.ts';
import { printableLine } from '../store/printable.ts';
import type { Proven } from './evidence.ts';

/** For programs. */
export function provenData({ claims, subject, stamp, position, checkpoint, witnessedAt, isOpened }: Proven): object {
  const { aud: house, id, type } = claims;
  const { size, root, time } = checkpoint;
  return {
    ...{ command: type, id, house, subject, position, stampedAt: stamp.at, serial: stamp.serial },
    ...(claims.type === 'bid' && { lot: claims.lot, amount: claims.amount, terms: claims.terms }),
    ...(claims.type === 'list' && { lot: id, title: printableLine(claims.title), terms: termsOf(claims) }),
    ...{ clock: stamp.clock, size, root: encodeBase64url(root), signedAt: time },
    ...(witnessedAt !== undefined && { witnessedAt }),
    ...(isOpened && { opened: true }),
  };
}

/** For people. */
export function provenSentences({
  claims,
  subject,
  stamp,
  position,
  checkpoint,
  witnessedAt,
  isOpened,
}: Proven): string {
  const clock = stamp.clock === 'simulated' ? ', on a simulated clock' : '';
  const witness =
    witnessedAt === undefined
      ? 'No witness has said that it saw this journal.'
      : `The witness saw this journal at ${isoTime(witnessedAt)}, and no other one of this house.`;
  return [
    `Proven: the participant with the key ${subject} signed ${contentOf(claims)}, for the house ${claims.aud}.`,
    `The authority of the root stamped it at ${isoTime(stamp.at)}, number ${stamp.serial}${clock}.`,
    `The house recorded it as record ${position}, and signed that at ${isoTime(checkpoint.time)}: a journal of ${checkpoint.size} records with root ${encodeBase64url(checkpoint.root)}.`,
    witness,
    ...(isOpened ? ["It binds the other party of a sale; the salt shows that the record's commitment is to it."] : []),
    'Not shown: who that participant is, and what came of it; the journal tells the second.',
  ].join('\n');
}

function contentOf(claims: CommandStatement): string {
  if (claims.type === 'bid')
    return `a bid of ${claims.amount} minor units on lot ${claims.lot} under the terms ${claims.terms}`;
  const { title, startingPrice, currency, id } = claims;
  return `the offer of lot ${id}, "${printableLine(title)}", from ${formatAmount(startingPrice, currency)} ${currency}, under the terms ${termsOf(claims)}`;
}

function termsOf(claims: Extract<CommandStatement, { type: 'list' }>): string {
  const { v: _v, aud: _aud, id: _id, type: _type, ...terms } = claims;
  return digestOfTerms(terms);
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
