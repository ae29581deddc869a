/** A participant who means harm: enrolled and admitted as everybody, and then each command is wrong in one way. */
import { randomUUID } from 'node:crypto';
import type { HostileMove } from '../../client/bots/workload/auction-mark.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import type { CatalogueLot } from '../../shared/wire/announcements.ts';
import type { CommandAnswer } from '../../shared/wire/commands.ts';
import type { SealedCommand } from '../../shared/wire/socket-events.ts';
import type { CompactJws } from '../../shared/wire/vocabulary.ts';
import { HandParticipant, type KnownService } from '../support/hand-participant.ts';
import { type Answer, RawSocket } from '../support/raw-socket.ts';

export interface IntruderParts {
  readonly known: KnownService;
  readonly url: string;
  /** PEM. */
  readonly root: string;
  readonly username: string;
}

export class Intruder {
  readonly #parts: IntruderParts;
  readonly #participant: HandParticipant;
  #socket: RawSocket | undefined;
  #lots: readonly CatalogueLot[] = [];

  private constructor(parts: IntruderParts, participant: HandParticipant) {
    this.#parts = parts;
    this.#participant = participant;
  }

  /** Gets papers, as everybody does. */
  static async enrol(parts: IntruderParts): Promise<Intruder> {
    const { known, username } = parts;
    return new Intruder(parts, await HandParticipant.enrolled(known, { username }));
  }

  get isIn(): boolean {
    return this.#socket?.isOpen === true;
  }

  /** A new session. */
  async enter(): Promise<void> {
    const { url, root } = this.#parts;
    this.leave();
    this.#socket = await RawSocket.admitted({ url, root }, this.#participant);
  }

  /** What the house is asked to bid on. */
  async look(): Promise<void> {
    const { lots } = await this.#ask('query', { type: 'allitems' });
    this.#lots = lots;
  }

  leave(): void {
    this.#socket?.close();
  }

  /** Resolves with the house's answer to it; `undefined` where there is nothing to bid on yet. */
  async make(move: HostileMove, pick: (count: number) => number): Promise<CommandAnswer | undefined> {
    // A bid that ties is never accepted, so that to send it twice is no way to be recorded.
    const lots = this.#lots.filter(({ leadingAmount }) => leadingAmount !== undefined);
    const lot = lots[pick(lots.length)];
    if (lot === undefined) return undefined;
    const { lot: id, termsDigest, leadingAmount = 0 } = lot;
    const isTie = move === 'replay';
    const claims = { type: 'bid', lot: id, terms: termsDigest, amount: isTie ? leadingAmount : leadingAmount * 2 };
    const sealed = await this.#seal(claims, move);
    const answer: CommandAnswer = await this.#ask('command', sealed);
    const last: CommandAnswer = isTie ? await this.#ask('command', sealed) : answer;
    return answer.outcome === 'accepted' ? answer : last;
  }

  /** Rejects where the connection is cut off in the middle of it. */
  async #ask(name: string, argument: unknown): Promise<Answer> {
    const socket = this.#here;
    // What was heard is of no use here, and would only grow.
    socket.frames.length = 0;
    socket.heard.length = 0;
    return socket.ask(name, argument);
  }

  get #here(): RawSocket {
    if (this.#socket === undefined) throw new Error('nobody is in');
    return this.#socket;
  }

  async #seal(claims: object, move: HostileMove): Promise<SealedCommand> {
    const participant = this.#participant;
    const aud = this.#here.offer?.house;
    const honest = await participant.sign('command+jwt', { v: 1, aud, id: randomUUID(), ...claims });
    const statement = move === 'bad-signature' ? withOtherSignature(honest) : honest;
    const stamped = move === 'bad-timestamp' ? digestOfText(randomUUID()) : digestOfText(statement);
    const timestamp = await this.#parts.known.client.timestamp(stamped);
    const sealed = participant.seal(statement, timestamp, this.#here.sealingKey);
    return move === 'bad-tag' ? withOtherTag(sealed) : sealed;
  }
}

function withOtherSignature(statement: CompactJws): CompactJws {
  const at = statement.lastIndexOf('.') + 10;
  return changedAt(statement, at) as CompactJws;
}

/** The tag is behind the key of 32 bytes and the nonce of 16. */
function withOtherTag(sealed: SealedCommand): SealedCommand {
  return changedAt(sealed, Math.ceil((50 * 4) / 3)) as SealedCommand;
}

function changedAt(text: string, at: number): string {
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
}
