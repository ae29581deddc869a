/** The intake of a simulated node: the checks of `dms/intake/open-command.ts` that are no cryptography, in its order. */
import type { VerifiedCommand } from '../../dms/auction/verified-command.ts';
import type { AuctionHouse } from '../../dms/auction-house.ts';
import { findRepeat } from '../../dms/intake/find-repeat.ts';
import type { SignedCommand } from '../../dms/intake/stages.ts';
import { verifyStamp } from '../../dms/intake/verify-stamp.ts';
import type { TrustedTime } from '../../dms/trusted-time.ts';
import { digestOfTerms, digestOfText } from '../../shared/crypto/digest.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Accepted, CommandStatement, ReceiptedAnswer, Refused, Rejected } from '../../shared/wire/commands.ts';
import type { SignedEvidence } from '../../shared/wire/http-endpoints.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { Instant, Serial, Subject } from '../../shared/wire/vocabulary.ts';
import type { NodeLife } from './node-life.ts';
import type { NodeProof } from './node-proof.ts';
import { nameOf, newUuid } from './vocabulary.ts';
import type { World } from './world.ts';

/** A command on its way, as its guest signed it and the authority stamped it. */
export interface SentCommand {
  readonly claims: CommandStatement;
  readonly subject: Subject;
  readonly statement: string;
  readonly timestamp: TimestampToken;
  readonly stamp: { readonly at: Instant; readonly serial: Serial; readonly epoch: number };
}

export type Answered = ReceiptedAnswer | Rejected | Refused;

export interface IntakeParts {
  readonly world: World;
  readonly life: NodeLife;
  readonly house: AuctionHouse;
  readonly time: TrustedTime;
  readonly proof: NodeProof;
  readonly monotonic: () => number;
}

export class Intake {
  readonly #parts: IntakeParts;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** The answer for `reader`, which the auditor has seen. Rejects with a mistake of ours. */
  async take(sent: SentCommand, reader: object): Promise<Answered> {
    const { world, life } = this.#parts;
    const heard = world.auditor.arrived(sent);
    const answer = await this.#answer(sent, reader, this.#parts.monotonic());
    if (life.isAlive) heard(answer);
    return answer;
  }

  async #answer(sent: SentCommand, reader: object, arrived: number): Promise<Answered> {
    try {
      const answer = await this.#judge(sent, arrived);
      if (answer.outcome !== 'accepted') return answer;
      return { ...answer, receipt: await this.#parts.proof.receipt(answer.position, reader) };
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return { outcome: 'refused', code: error.code };
    }
  }

  async #judge(sent: SentCommand, arrived: number): Promise<Accepted | Rejected | Refused> {
    const { house, world } = this.#parts;
    world.mayCrash(this.#parts.life);
    // Opening and verifying take their time, now more and now less.
    if (world.random.chance(0.5)) await world.scheduler.sleep(world.random.below(8));
    const { statement, timestamp, claims, subject } = sent;
    const envelope = { statement, timestamp };
    const signed = { envelope, claims, subject, imprint: digestOfText(envelope.statement) } as never as SignedCommand;
    const repeat = findRepeat(signed, house);
    if (repeat !== undefined) return repeat;
    const stamp = await verifyStamp(signed, arrived, this.#trust());
    const received = { at: stamp.at, serial: stamp.serial, receivedAt: this.#parts.time.at(arrived) };
    const evidence = { ...envelope, certificate: `certificate of ${nameOf(subject)}` } as SignedEvidence;
    return await house.submit(this.#verified(sent, received), evidence);
  }

  #trust(): Parameters<typeof verifyStamp>[2] {
    const { time, world } = this.#parts;
    const verifyTimestamp: Parameters<typeof verifyStamp>[2]['keyring']['verifyTimestamp'] = async (token, imprint) =>
      world.authority.verify(token, imprint);
    return { keyring: { verifyTimestamp }, time };
  }

  #verified({ claims, subject }: SentCommand, received: object): VerifiedCommand {
    const pseudonym = newUuid(this.#parts.world.random);
    const common = { id: claims.id, subject, pseudonym, ...received };
    if (claims.type === 'bid') {
      const { lot, terms: termsDigest, amount } = claims;
      return { ...common, type: 'bid', lot, termsDigest, amount } as VerifiedCommand;
    }
    const { v: _v, aud: _aud, id: _id, type: _type, ...terms } = claims;
    return { ...common, type: 'list', terms, termsDigest: digestOfTerms(terms) } as VerifiedCommand;
  }
}
