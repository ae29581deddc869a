/** Names and numbers of a simulated town, all from its seed. What is secret says so, so that it is found where it must not be. */
import type { Random } from '../../client/bots/workload/random.ts';
import type { P256KeyPair } from '../../shared/crypto/ecdsa.ts';
import { jwkThumbprint } from '../../shared/crypto/jwk-thumbprint.ts';
import type { HouseId, Subject } from '../../shared/wire/vocabulary.ts';
import { keysOf } from './fixed-keys.ts';

export const HOUSE = '00000000-0000-4000-8000-000000000001' as HouseId;

/** What is sealed, whom it names, and who has signed it. */
const SECRETS = /NAME-|SEALED-|CERTIFICATE/;

interface Person {
  readonly number: number;
  readonly keys: P256KeyPair;
}

/** The guests of whatever town: their keys take longer to make than a session. */
const people = new Map<Subject, Person>();

/** Whether a text holds a subject, a name, a certificate or an envelope: what nobody but its owners may see. */
export function holdsSecret(text: string): boolean {
  return SECRETS.test(text) || people.keys().some((subject) => text.includes(subject));
}

export function subjectOf(number: number): Subject {
  const known = people.entries().find(([, person]) => person.number === number);
  if (known !== undefined) return known[0];
  const keys = keysOf(`guest ${number}`);
  const subject = jwkThumbprint(keys.publicKey);
  people.set(subject, { number, keys });
  return subject;
}

/** Whoever is named here was made by `subjectOf`. */
export function keysOfGuest(subject: Subject): P256KeyPair {
  return people.get(subject)!.keys;
}

function nameOf(subject: Subject): string {
  return `NAME-${people.get(subject)!.number}`;
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
