/** A participant who is in the house on a connection that costs little, and whose bids are ready before the clock runs. */
import { randomUUID } from 'node:crypto';
import { proveSession, type VerifiedOffer, verifyOffer } from '../../client/connection/handshake.ts';
import type { OpenedAccess } from '../../client/open-access.ts';
import { type SignedStatement, signStatement } from '../../client/sealing/seal-command.ts';
import { encodeBase64url } from '../../shared/bytes.ts';
import { createJwsSigner, type JwsSigner } from '../../shared/crypto/jws.ts';
import { randomBytes } from '../../shared/crypto/random.ts';
import { verifyCheckpoint } from '../../shared/journal/checkpoint.ts';
import { verifyReceipt } from '../../shared/journal/receipt.ts';
import { CommandStatement, ReceiptedAnswer } from '../../shared/wire/commands.ts';
import { CurrentAnswer, HelloAnswer, RenewAnswer } from '../../shared/wire/socket-events.ts';
import { stampAndSeal } from '../commands/guest.ts';
import { frameOf, Wire, type WireOptions } from './wire.ts';

const NONCE_BYTES = 32;

export interface SignedCommand extends SignedStatement {
  readonly claims: CommandStatement;
}

export interface Entrance extends WireOptions {
  /** Everything up to this position was told before. */
  readonly since?: number | undefined;
}

export class Bidder {
  readonly wire: Wire;
  readonly #opened: OpenedAccess;
  readonly #offer: VerifiedOffer;
  /** With the platform's cryptography: faster than the client's, and as good. */
  readonly #signer: JwsSigner;

  private constructor(opened: OpenedAccess, wire: Wire, offer: VerifiedOffer) {
    this.wire = wire;
    this.#opened = opened;
    this.#offer = offer;
    this.#signer = createJwsSigner(opened.access.signer.keys);
  }

  /** Connects and does the handshake, and hears all announcements from then on. */
  static async enter(opened: OpenedAccess, url: string, { since, ...options }: Entrance = {}): Promise<Bidder> {
    const { api, access } = opened;
    await api.syncTime();
    const wire = await Wire.open(url, api.root, await access.fresh(), options);
    const nonce = encodeBase64url(randomBytes(NONCE_BYTES));
    const hello = HelloAnswer.parse(await wire.ask('hello', { nonce }));
    if (hello.outcome !== 'accepted') throw new Error(`no offer: ${hello.code}`);
    const known = { root: api.root, revocations: api.revocations.bind(api), at: api.clock.now() };
    const offer = await verifyOffer(hello, { ...known, nonce, subject: access.signer.kid });
    const proof = await proveSession(access.signer, offer);
    const asked = { proof, ...(since !== undefined && { since }) };
    const current = CurrentAnswer.parse(await wire.ask('prove', asked));
    if (current.outcome !== 'accepted') throw new Error(`not admitted: ${current.code}`);
    wire.announced = Math.max(wire.announced, current.position);
    return new Bidder(opened, wire, offer);
  }

  /** A command with a new id. Signatures do not grow old. */
  async sign(saying: object): Promise<SignedCommand> {
    const claims = CommandStatement.parse({ v: 1, aud: this.#offer.house, id: randomUUID(), ...saying });
    return { claims, ...(await signStatement(this.#signer, claims)) };
  }

  /** Extends the session. */
  async renew(): Promise<void> {
    const { token, certificate } = await this.#opened.access.fresh();
    const answer = RenewAnswer.parse(await this.wire.ask('renew', { token, certificate }));
    if (answer.outcome !== 'accepted') throw new Error(`not renewed: ${answer.code}`);
  }

  /** The frame of a command, which has to be sent soon. */
  async prepare(signed: SignedStatement): Promise<string> {
    return frameOf('command', await stampAndSeal(this.#opened, this.#offer.sealingKey, signed));
  }

  /** Throws where the answer does not show that the command is in the journal of this house. */
  async verify({ statement, claims }: SignedCommand, answer: unknown): Promise<void> {
    const { receipt, position } = ReceiptedAnswer.parse(answer);
    const signed = { checkpoint: receipt.checkpoint, chain: [...this.#offer.chain] };
    const checkpoint = await verifyCheckpoint(signed, this.#opened.api.root);
    verifyReceipt(receipt, { statement, claims, position }, checkpoint);
  }
}
