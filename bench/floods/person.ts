/** Somebody who is enrolled: papers, a fast signer, and the way into a house. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { OpenedAccess } from '../../client/open-access.ts';
import { type SignedStatement, signStatement } from '../../client/sealing/seal-command.ts';
import { decodeBase64url, encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { sealTo } from '../../shared/crypto/ecies.ts';
import { createJwsSigner, type JwsSigner, parseJws, signJws } from '../../shared/crypto/jws.ts';
import { CommandStatement } from '../../shared/wire/commands.ts';
import { type ConnectionAuth, HelloAnswer, SessionOffer } from '../../shared/wire/socket-events.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import { type EnrolmentPlace, enrol } from '../commands/enrol-all.ts';
import { type Address, Wire } from './wire.ts';

/** A connection that is admitted. */
export interface Entered {
  readonly wire: Wire;
  readonly offer: SessionOffer;
  readonly sealingKey: Uint8Array;
}

export class Person {
  readonly #opened: OpenedAccess;
  readonly #signer: JwsSigner;
  #auth: ConnectionAuth;

  private constructor(opened: OpenedAccess, auth: ConnectionAuth) {
    const { keys, kid } = opened.access.signer;
    this.#opened = opened;
    this.#auth = auth;
    // The platform's cryptography gives the same form of signature as the client's, in a fraction of the time.
    this.#signer = { ...createJwsSigner(keys), kid };
  }

  static async enrol(place: EnrolmentPlace, username: string): Promise<Person> {
    const { opened } = await enrol(place, username);
    await opened.api.syncTime();
    return new Person(opened, await opened.access.fresh());
  }

  get auth(): ConnectionAuth {
    return this.#auth;
  }

  /** Connects and does the handshake. Throws an error with the refusal's code. */
  async enter(address: Address): Promise<Entered> {
    const wire = await Wire.open(address);
    try {
      demand(await wire.enter(this.#auth));
      const hello = HelloAnswer.parse(await wire.ask('hello', { nonce: encodeBase64url(randomBytes(32)) }));
      if (hello.outcome !== 'accepted') throw new Error(hello.code);
      const { claims: offer } = parseJws(hello.offer, 'session-offer+jwt', SessionOffer);
      const { session, serverNonce, sealingKey } = offer;
      const claims = { session, serverNonce, offer: digestOfText(hello.offer) };
      demand(await wire.ask('prove', { proof: await signJws(this.#signer, 'session-proof+jwt', claims) }));
      return { wire, offer, sealingKey: decodeBase64url(sealingKey) as Uint8Array };
    } catch (error) {
      wire.drop();
      throw error;
    }
  }

  /** A command with a new id, if `claims` has none. */
  sign(house: string, claims: object): Promise<SignedStatement> {
    return signStatement(this.#signer, CommandStatement.parse({ v: 1, aud: house, id: randomUUID(), ...claims }));
  }

  stamp({ imprint }: SignedStatement): Promise<TimestampToken> {
    return this.#opened.api.http.timestamp(imprint);
  }
}

/** The argument of `command`. */
export async function sealed(statement: string, timestamp: TimestampToken, sealingKey: Uint8Array): Promise<string> {
  return encodeBase64url(await sealTo(sealingKey, utf8.encode(JSON.stringify({ statement, timestamp }))));
}

function demand(answer: Readonly<Record<string, unknown>> | undefined): void {
  if (answer?.['outcome'] !== 'accepted') throw new Error(String(answer?.['code'] ?? 'closed'));
}
