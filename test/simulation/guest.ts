/**
 * A guest: keeps a connection to some node, hears what is told in the client's own way (`AnnouncementFeed`), comes back to
 * where it was, keeps and acknowledges notices, and sends a command until it is answered, under one id.
 */
import { AnnouncementFeed, type Batch } from '../../client/connection/announcement-feed.ts';
import type { Connection } from '../../dms/gateway/dispatch.ts';
import { readStamp } from '../../shared/timestamp/timestamp-token.ts';
import type { Announcement, AuctionClosed, CatalogueLot, Checkpoint } from '../../shared/wire/announcements.ts';
import type { CommandStatement } from '../../shared/wire/commands.ts';
import type { CurrentAnswer, HelloAnswer, LotsAnswer } from '../../shared/wire/socket-events.ts';
import type { LotId, Position, Subject } from '../../shared/wire/vocabulary.ts';
import type { Listener } from './hall.ts';
import type { Answered, SentCommand } from './intake.ts';
import { Line } from './network.ts';
import type { NodeLife } from './node-life.ts';
import { type Aim, isFinal, stampFor } from './sending.ts';
import { subjectOf } from './vocabulary.ts';
import { newHello, proofFor, Wallet } from './wallet.ts';
import type { World } from './world.ts';

const ANSWER_LIMIT_MS = 5_000;
/** A command that nobody answers is given up. */
const PATIENCE_MS = 60_000;

type Session = { readonly line: Line; readonly life: NodeLife; readonly connection: Connection };

export class Guest implements Listener {
  readonly isAlive = true;
  readonly number: number;
  readonly subject: Subject;
  /** The last amount heard of each lot. */
  readonly amounts = new Map<LotId, number>();
  readonly feed = new AnnouncementFeed();
  /** Commands that have no answer yet. */
  waiting = 0;
  readonly #world: World;
  #session: Session | undefined;
  #online = Promise.withResolvers<Session>();
  #isFilling = false;
  readonly #wallet: Wallet;

  constructor(world: World, number: number) {
    this.#world = world;
    this.number = number;
    this.subject = subjectOf(number);
    this.#wallet = new Wallet(world, this);
  }

  /** One session after another. */
  async live(): Promise<void> {
    const { scheduler, random, network } = this.#world;
    for (;;) {
      const hadSession = await this.#oneSession();
      // Most come back at once; some are away while their lot closes.
      const isAway = hadSession && !network.isCalm && random.chance(0.2);
      const pause = scheduler.sleep(isAway ? random.below(2 * this.#world.profile.dayMs) : 50 + random.below(500));
      await (isAway ? Promise.race([pause, this.#world.calmed]) : pause);
    }
  }

  /** Its connection breaks. */
  cut(): void {
    this.#session?.line.cut();
  }

  /** Sends a command until it is answered, or for about a minute. Who is not sure asks again, at once or much later. */
  async command(claims: CommandStatement, aim?: Aim): Promise<void> {
    const { scheduler, random, network, profile } = this.#world;
    const statement = JSON.stringify({ ...claims, subject: this.subject });
    this.waiting += 1;
    const isAccepted = await this.#untilAnswered({ claims, statement }, aim);
    this.waiting -= 1;
    if (!isAccepted || network.isCalm || !random.chance(0.1)) return;
    await scheduler.sleep(random.below(profile.dayMs));
    await this.#untilAnswered({ claims, statement });
  }

  async #untilAnswered(command: Pick<SentCommand, 'claims' | 'statement'>, aim?: Aim): Promise<boolean> {
    const { scheduler, random, auditor } = this.#world;
    const { id } = command.claims;
    const until = scheduler.now + PATIENCE_MS;
    for (let first = aim; scheduler.now < until; first = undefined) {
      const answer = await this.#attempt(await this.#online.promise, command, first);
      if (answer?.outcome === 'accepted') auditor.acknowledged(id, answer);
      if (isFinal(answer)) return answer?.outcome === 'accepted';
      await scheduler.sleep(100 + random.below(1_000));
    }
    return false;
  }

  /** Looks at the catalogue. */
  async look(type: 'allitems' | 'myitems'): Promise<void> {
    const answer = await this.#ask<LotsAnswer>('query', { type });
    if (answer?.outcome === 'accepted') this.#world.auditor.catalogue(this, type, answer);
  }

  announced(announcements: readonly Announcement[]): void {
    this.feed.collect(announcements);
  }

  checked(checkpoint: Checkpoint): void {
    this.feed.check(checkpoint);
    this.#deliverTicks();
  }

  noticed(notices: readonly AuctionClosed[]): void {
    for (const notice of notices) {
      this.#world.auditor.noticed(this, notice);
      void this.#acknowledge(notice.lot);
    }
  }

  async #acknowledge(lot: LotId): Promise<void> {
    for (let outcome = 'refused'; outcome === 'refused'; ) {
      await this.#world.scheduler.sleep(this.#world.random.below(3_000));
      // Where there is no answer, the next session brings the notice again.
      outcome = (await this.#ask<{ outcome: string }>('acknowledge', { lot }))?.outcome ?? 'unknown';
    }
  }

  /** Whether there was one. */
  async #oneSession(): Promise<boolean> {
    const { scheduler, network, random, lives } = this.#world;
    const open = lives.filter(({ isOpen }) => isOpen);
    const life = open[random.below(open.length)];
    if (life === undefined) return false;
    const line = new Line(scheduler, network);
    const connection = await this.#wallet.enter(life, line);
    if (connection === undefined) return false;
    const session = { life, line, connection };
    this.feed.begin();
    this.#session = session;
    const since = this.feed.cursor;
    const current = await this.#handshake(since);
    if (current?.outcome === 'accepted') {
      this.#takeCurrent(current);
      this.#deliverTicks();
      this.#online.resolve(session);
      this.#wallet.renewLater(life, session.connection, line);
      await session.line.ended;
    } else session.line.cut();
    this.#session = undefined;
    this.#online = Promise.withResolvers();
    return current?.outcome === 'accepted';
  }

  async #handshake(since: Position | undefined): Promise<CurrentAnswer | undefined> {
    const hello = await this.#ask<HelloAnswer>('hello', newHello(this.#world));
    if (hello?.outcome !== 'accepted') return undefined;
    const proof = await proofFor(this.subject, hello.offer);
    return this.#ask<CurrentAnswer>('prove', { proof, ...(since !== undefined && { since }) });
  }

  #takeCurrent({ position, catchUp }: Extract<CurrentAnswer, { outcome: 'accepted' }>): void {
    const before = this.feed.cursor;
    if (catchUp.kind === 'missed') {
      this.#deliver(before, this.feed.advance(position, catchUp.announcements));
      return;
    }
    this.feed.advance(position, []);
    this.#learn(catchUp.lots);
    this.#world.auditor.snapshot(this, before, { position, lots: catchUp.lots });
  }

  #deliverTicks(): void {
    for (;;) {
      const before = this.feed.cursor;
      const batch = this.feed.next();
      if (batch === undefined) break;
      this.#deliver(before, batch);
    }
    if (this.feed.gap !== undefined) void this.#fillGap();
  }

  #deliver(before: number | undefined, batch: Batch): void {
    this.#world.auditor.heard(this, before, batch);
    for (const one of batch.announcements) if (one.event === 'someone_bid') this.amounts.set(one.lot, one.amount);
  }

  #learn(lots: readonly CatalogueLot[]): void {
    for (const { lot, leadingAmount } of lots) if (leadingAmount !== undefined) this.amounts.set(lot, leadingAmount);
  }

  /** One question at a time; what is announced meanwhile waits in the feed. */
  async #fillGap(): Promise<void> {
    const [session, since] = [this.#session, this.feed.gap];
    if (this.#isFilling || session === undefined || since === undefined) return;
    this.#isFilling = true;
    this.#world.noteThat('gaps filled');
    const current = await this.#ask<CurrentAnswer>('query', { type: 'announcements', since });
    this.#isFilling = false;
    if (session !== this.#session) return;
    if (current?.outcome !== 'accepted') return session.line.cut();
    this.#takeCurrent(current);
    this.#deliverTicks();
  }

  /** `undefined` where no answer came. */
  async #ask<Answer>(name: 'hello' | 'prove' | 'query' | 'acknowledge', argument: object): Promise<Answer | undefined> {
    const session = this.#session;
    if (session === undefined) return undefined;
    const { line, life, connection } = session;
    const { scheduler, network } = this.#world;
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
    const take = scheduler.after(ANSWER_LIMIT_MS, () => resolve(undefined));
    void line.ended.then(() => resolve(undefined));
    scheduler.after(network.delay(), () => {
      if (line.isUp) life.serve(name, connection, argument, (answer) => line.tell(() => resolve(answer as Answer)));
    });
    const answer = await promise;
    take();
    return answer;
  }

  async #attempt(
    { line, life, connection }: Session,
    { claims, statement }: Pick<SentCommand, 'claims' | 'statement'>,
    aim: Aim | undefined,
  ): Promise<Answered | undefined> {
    const timestamp = await stampFor(this.#world, this, statement, aim);
    if (timestamp === undefined) return undefined;
    const { subject } = this;
    const sent: SentCommand = { claims, statement, subject, timestamp, stamp: readStamp(timestamp) };
    const { promise, resolve } = Promise.withResolvers<Answered | undefined>();
    const { scheduler, network } = this.#world;
    const take = scheduler.after(ANSWER_LIMIT_MS, () => resolve(undefined));
    void line.ended.then(() => resolve(undefined));
    const arrive = () => {
      if (line.isUp)
        life.take(sent, connection.session, (answer) => !network.isLost() && line.tell(() => resolve(answer)));
    };
    network.send(arrive, aim?.travelMs);
    const answer = await promise;
    take();
    if (answer?.outcome === 'accepted') this.#world.auditor.proofs.received(sent, answer.position, answer.receipt);
    return answer;
  }
}
