/** A participant who is in the house on a connection that costs little, and whose bids are ready before the clock runs. */
import { randomUUID } from 'node:crypto';
import { proveSession, verifyOffer } from '../../client/connection/handshake.ts';
import type { OpenedAccess } from '../../client/open-access.ts';
import { type SignedStatement, signStatement } from '../../client/sealing/seal-command.ts';
import { encodeBase64url } from '../../shared/bytes.ts';
import { createJwsSigner, type JwsSigner } from '../../shared/crypto/jws.ts';
import { randomBytes } from '../../shared/crypto/random.ts';
import { CommandStatement } from '../../shared/wire/commands.ts';
import { CurrentAnswer, HelloAnswer } from '../../shared/wire/socket-events.ts';
import type { HouseId } from '../../shared/wire/vocabulary.ts';
import { stampAndSeal } from '../commands/guest.ts';
import { frameOf, Wire } from './wire.ts';

const NONCE_BYTES = 32;

export class Bidder {
  readonly wire: Wire;
  readonly #opened: OpenedAccess;
  readonly #house: HouseId;
  readonly #sealingKey: Uint8Array;
  /** With the platform's cryptography: ten times as fast as the client's, and as good. */
  readonly #signer: JwsSigner;

  private constructor(opened: OpenedAccess, wire: Wire, house: HouseId, sealingKey: Uint8Array) {
    this.wire = wire;
    this.#opened = opened;
    this.#house = house;
    this.#sealingKey = sealingKey;
    this.#signer = createJwsSigner(opened.access.signer.keys);
  }

  /** Connects and does the handshake, and hears all announcements from then on. */
  static async enter(opened: OpenedAccess, url: string): Promise<Bidder> {
    const { api, access } = opened;
    await api.syncTime();
    const wire = await Wire.open(url, api.root, await access.fresh());
    const nonce = encodeBase64url(randomBytes(NONCE_BYTES));
    const hello = HelloAnswer.parse(await wire.ask('hello', { nonce }));
    if (hello.outcome !== 'accepted') throw new Error(`no offer: ${hello.code}`);
    const known = { root: api.root, revocations: api.revocations.bind(api), at: api.clock.now() };
    const offer = await verifyOffer(hello, { ...known, nonce, subject: access.signer.kid });
    const current = CurrentAnswer.parse(await wire.ask('prove', { proof: await proveSession(access.signer, offer) }));
    if (current.outcome !== 'accepted') throw new Error(`not admitted: ${current.code}`);
    return new Bidder(opened, wire, offer.house, offer.sealingKey);
  }

  /** A command with a new id. Signatures do not grow old. */
  sign(claims: object): Promise<SignedStatement> {
    return signStatement(this.#signer, CommandStatement.parse({ v: 1, aud: this.#house, id: randomUUID(), ...claims }));
  }

  /** The frame of a command, which has to be sent soon. */
  async prepare(signed: SignedStatement): Promise<string> {
    return frameOf('command', await stampAndSeal(this.#opened, this.#sealingKey, signed));
  }
}
