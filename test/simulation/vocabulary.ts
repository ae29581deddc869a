/** Names and numbers of a simulated town, all from its seed. What is secret says so, so that it is found where it must not be. */
import type { Random } from '../../client/bots/workload/random.ts';
import type { HouseId, Subject } from '../../shared/wire/vocabulary.ts';

export const HOUSE = '00000000-0000-4000-8000-000000000001' as HouseId;

const SECRETS = /SUBJECT|NAME-|SEALED-/;

/** Whether a text holds a subject, a name or an envelope: what nobody but its owners may see. */
export function holdsSecret(text: string): boolean {
  return SECRETS.test(text);
}

export function subjectOf(person: number): Subject {
  return `${`SUBJECT${person}`.padEnd(42, '-')}A` as Subject;
}

export function nameOf(subject: Subject): string {
  return `NAME-${subject.slice('SUBJECT'.length).replace(/-*A$/, '')}`;
}

/** What the authority seals for one party of a sale: nobody opens it here, but everybody could read whose it is. */
export function envelopeFor(role: 'seller' | 'winner', lot: string, other: Subject): string {
  return `SEALED-${role}-${lot}-${nameOf(other)}`;
}

/** A version 4 UUID. */
export function newUuid(random: Random): string {
  const part = () =>
    random
      .below(2 ** 32)
      .toString(16)
      .padStart(8, '0');
  const [a, b, c, d] = [part(), part(), part(), part()];
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`;
}

export function newSalt(random: Random): Uint8Array {
  return new Uint8Array(Uint32Array.from({ length: 8 }, () => random.below(2 ** 32)).buffer);
}
