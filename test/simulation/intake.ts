/** The intake of a simulated node: `dms/intake/open-command.ts` itself, behind fakes of its cryptography alone; then the house, and a receipt. */
import { FairTurns, type TurnLimits } from '../../dms/admission/fair-turns.ts';
import type { Session } from '../../dms/admission/session.ts';
import type { AuctionHouse } from '../../dms/auction-house.ts';
import { type IntakeParts as OpeningParts, openCommand } from '../../dms/intake/open-command.ts';
import type { SignedCommand } from '../../dms/intake/stages.ts';
import type { ReceiptDesk } from '../../dms/proof/receipt-desk.ts';
import type { TrustedTime } from '../../dms/trusted-time.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { CommandStatement, ReceiptedAnswer, Refused, Rejected } from '../../shared/wire/commands.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { Instant, Pseudonym, Serial, Subject } from '../../shared/wire/vocabulary.ts';
import type { NodeLife } from './node-life.ts';
import type { NodeRevocations } from './node-revocations.ts';
import { newUuid } from './vocabulary.ts';
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
  readonly receipts: ReceiptDesk;
  readonly revocations: NodeRevocations;
  readonly clock: Clock;
}

/** The same on every machine, however many cores it has. */
const TURNS: TurnLimits = { atOnce: 4, atOnceAhead: 16, waiting: 256, waitingInAll: 4_096, waitingInCrowd: 4 };

export class Intake {
  readonly turns = new FairTurns<Subject>(TURNS);
  readonly #parts: IntakeParts;
  readonly #opening: OpeningParts;
  /** By frame: what is sealed in it. */
  readonly #sealed = new Map<string, SentCommand>();
  #frames = 0;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    const { world, house, time, revocations, clock } = parts;
    this.#opening = {
      ...{ house, clock, revocations, time },
      keyring: { verifyTimestamp: async (token, imprint) => world.authority.verify(token, imprint) },
      statements: { open: (frame, session) => this.#open(frame, session as Session) },
      limits: { takeCommand: () => undefined, countMistake: () => undefined },
      turns: this.turns,
      newPseudonym: () => newUuid(world.random) as Pseudonym,
    };
  }

  /** The answer, which the auditor has seen. Rejects with a mistake of ours. */
  async take(sent: SentCommand, session: Session): Promise<Answered> {
    const { world, life } = this.#parts;
    const heard = [world.auditor.arrived(sent), world.auditor.sessions.arrived(life, session, sent)];
    const answer = await this.#answer(sent, session);
    if (life.isAlive) for (const hear of heard) hear(answer);
    return answer;
  }

  async #answer(sent: SentCommand, session: Session): Promise<Answered> {
    const { house, receipts } = this.#parts;
    this.#frames += 1;
    const frame = `frame ${this.#frames}`;
    this.#sealed.set(frame, sent);
    try {
      const opened = await openCommand(frame, session, this.#opening);
      const answer = 'repeat' in opened ? opened.repeat : await house.submit(opened.command, opened.evidence);
      if (answer.outcome !== 'accepted') return answer;
      return { ...answer, receipt: await receipts.receipt(answer.position, session) };
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return { outcome: 'refused', code: error.code };
    } finally {
      this.#sealed.delete(frame);
    }
  }

  /** What it takes to open and verify a statement is time, now more and now less; its session has to have its keys still. */
  async #open(frame: string, session: Session): Promise<SignedCommand> {
    const { world, life } = this.#parts;
    const { subject } = session.keys;
    world.mayCrash(life);
    if (world.random.chance(0.5)) await world.scheduler.sleep(world.random.below(8));
    const { statement, timestamp, claims } = this.#sealed.get(frame)!;
    const imprint = digestOfText(statement);
    return { envelope: { statement, timestamp }, claims, subject, imprint } as never as SignedCommand;
  }
}
