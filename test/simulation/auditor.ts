/**
 * Looks at everything that the house records, believes, answers and tells, and says what is wrong with it. Only the first
 * finding counts: what comes after it may follow from it.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Batch } from '../../client/connection/announcement-feed.ts';
import type { AuctionHouse } from '../../dms/auction-house.ts';
import type { Recorded } from '../../dms/journal/journal.ts';
import type { Letter } from '../../dms/publication/letters.ts';
import type { Announcement, AuctionClosed, CatalogueLot } from '../../shared/wire/announcements.ts';
import type { Accepted } from '../../shared/wire/commands.ts';
import type { LotsAnswer } from '../../shared/wire/socket-events.ts';
import type { Position } from '../../shared/wire/vocabulary.ts';
import { wrongAnswer } from './answers.ts';
import { isFoldOf, isShownBetween, missingOf, ownNotice, wrongBelief } from './beliefs.ts';
import type { Guest } from './guest.ts';
import type { Answered, SentCommand } from './intake.ts';
import type { NodeLife } from './node-life.ts';
import { ProofAuditor } from './proof-auditor.ts';
import { SessionAuditor } from './session-auditor.ts';
import { keyOf, type Release, Truth } from './truth.ts';
import { holdsSecret } from './vocabulary.ts';
import type { World } from './world.ts';

export interface Finding {
  readonly rule: string;
  readonly detail: string;
  readonly step: number;
}

interface Snapshot {
  readonly position: number;
  readonly lots: readonly CatalogueLot[];
}

export class Auditor {
  readonly truth = new Truth();
  readonly proofs: ProofAuditor;
  readonly sessions: SessionAuditor;
  finding: Finding | undefined;
  /** Of each kind of answer, how many there were. */
  readonly answers = new Map<string, number>();
  readonly #world: World;
  /** How far each living node has believed. */
  readonly #believed = new Map<NodeLife, number>();
  readonly #originals = new Map<string, Accepted>();
  readonly #keys = new WeakMap<object, string>();
  readonly #received = new Set<string>();

  constructor(world: World) {
    this.#world = world;
    this.proofs = new ProofAuditor(world);
    this.sessions = new SessionAuditor(world);
  }

  demand(condition: boolean, rule: string, detail: string | (() => string)): void {
    if (condition || this.finding !== undefined) return;
    const told = typeof detail === 'string' ? detail : detail();
    this.finding = { rule, detail: told, step: this.#world.scheduler.steps };
  }

  /** Something became durable. */
  recorded(recorded: Recorded): void {
    const { record, position, id } = recorded;
    const wrong = this.truth.take(recorded);
    this.proofs.history.append(record);
    this.#noteKind(recorded.position);
    this.demand(wrong === undefined, wrong ?? '', () => `position ${position}`);
    const text = Buffer.from(record.publicPart).toString();
    this.demand(!holdsSecret(text), 'no public record holds a name, a subject or an envelope', text);
    this.#world.trace.add(`recorded ${position} ${id} ${text.slice(0, 60)}`);
  }

  #noteKind(position: number): void {
    const lot = this.truth.lotOf(position);
    const bid = lot?.bids.at(-1);
    if (lot === undefined || bid?.position !== position) return;
    if (bid.withheld) this.#world.noteThat('withheld bids');
    const earlier = lot.bids.find(({ amount, position: at }) => amount === bid.amount && at < position);
    if (earlier !== undefined) this.#world.noteThat('ties');
    if (bid.closesAt !== (lot.bids.at(-2)?.closesAt ?? lot.terms.closesAt)) this.#world.noteThat('extensions');
  }

  begun(life: NodeLife, position: number): void {
    this.#believed.set(life, position);
    this.#world.trace.add(`${life.name} begins at ${position}`);
  }

  /** A node believes the record at `position`, and is about to tell of it. */
  published(life: NodeLife, letters: readonly Letter[], position: Position): void {
    const before = this.#believed.get(life) ?? 0;
    this.#believed.set(life, position);
    const where = `${life.name} at ${position}`;
    this.demand(position === before + 1, 'positions are dense', () => `${where} after ${before}`);
    this.demand(position <= this.truth.position, 'nothing is believed or told before it is durable', where);
    if (this.finding !== undefined) return;
    const told = letters.flatMap((letter) => ('announcement' in letter ? [this.#keyOf(letter.announcement)] : []));
    const expected = this.#released(position - 1, position).flatMap(({ keys }) => keys);
    this.demand(isDeepStrictEqual(told, expected), 'what is told is what the record releases', () =>
      [where, ...told, 'but expected', ...expected].join('\n  '),
    );
    for (const letter of letters) if ('notice' in letter) this.#demandOwn(letter.to, letter.notice);
    const wrong = life.house && wrongBelief(this.truth, life.house, position);
    this.demand(wrong === undefined, 'the memory is the fold of the journal', wrong ?? '');
  }

  /** A command arrived. The result takes the answer that it gets there. */
  arrived(sent: SentCommand): (answer: Answered) => void {
    const { scheduler, authority } = this.#world;
    const { id } = sent.claims;
    const lot = sent.claims.type === 'bid' ? this.truth.lots.get(sent.claims.lot) : undefined;
    const arrival = {
      moment: scheduler.now,
      epoch: authority.epoch,
      time: authority.now(),
      closesAt: lot && this.truth.closesAt(lot, this.truth.position),
      recorded: this.truth.byId(id),
    };
    return (answer) => {
      const said =
        answer.outcome === 'rejected' ? answer.reason : answer.outcome === 'refused' ? answer.code : 'accepted';
      this.answers.set(said, (this.answers.get(said) ?? 0) + 1);
      this.#world.trace.add(`answer to ${id}: ${said}`);
      const now = { moment: scheduler.now, epoch: authority.epoch };
      const isShared = this.#world.profile.nodes > 1;
      const wrong = wrongAnswer({ sent, arrival, answer, now, isShared, truth: this.truth });
      this.demand(
        wrong === undefined,
        wrong ?? '',
        () => `${id}: ${JSON.stringify({ ...sent.stamp, arrival, answer })}`,
      );
    };
  }

  /** A guest hears that its command is recorded. */
  acknowledged(id: string, answer: Accepted): void {
    const { position, lot, number } = answer;
    const recorded = this.truth.byId(id);
    this.demand(
      recorded?.position === position && recorded.lot === lot && this.truth.lots.get(lot)?.number === number,
      'what is acknowledged is recorded there',
      () => `${id}: ${JSON.stringify(answer)}`,
    );
    const original = this.#originals.get(id) ?? answer;
    this.#originals.set(id, original);
    const isSame = original.position === position && original.lot === lot && original.number === number;
    this.demand(isSame, 'a repeated id gets the original answer', () => `${id}: ${JSON.stringify([original, answer])}`);
  }

  toldEverybody(announcement: Announcement): void {
    const key = this.#keyOf(announcement);
    this.#world.trace.add(`told ${key}`);
    const text = JSON.stringify(announcement);
    this.demand(!holdsSecret(text), 'no announcement holds a name, a subject or an envelope', text);
  }

  /** A guest who had heard everything up to `before` was told a batch. */
  heard(guest: Guest, before: number | undefined, { announcements, position }: Batch): void {
    this.#world.trace.add(`guest ${guest.number} hears ${before} to ${position}`);
    const who = `guest ${guest.number}, from ${before} to ${position}`;
    this.demand(position >= (before ?? 0), 'nobody is led back', who);
    this.demand(position <= this.truth.position, 'nothing is believed or told before it is durable', who);
    const told = announcements.map((one) => this.#keyOf(one));
    const expected = this.#released(before ?? 0, position)
      .flatMap(({ keys }) => keys)
      .sort();
    this.demand(isDeepStrictEqual(told, expected), 'every client hears everything, once and in order', () =>
      [who, ...told, 'but expected', ...expected].join('\n  '),
    );
  }

  /** A guest who had heard everything up to `before` was told how everything stands, at `position` or a little later. */
  snapshot(guest: Guest, before: number | undefined, { position, lots }: Snapshot): void {
    this.#world.noteThat('snapshots told');
    this.demand(
      position >= (before ?? 0),
      'nobody is led back',
      `guest ${guest.number}, from ${before} to ${position}`,
    );
    this.#world.trace.add(`guest ${guest.number} begins anew at ${position} with ${lots.length} lots`);
    const shown = lots.find((lot) => !isShownBetween(this.truth, lot, position, this.truth.position));
    this.#demandShown(shown, `guest ${guest.number} at ${position}`);
    const listed = [...this.truth.lots.values()].filter((lot) => lot.positions[0]! <= position).length;
    this.demand(lots.length >= listed, 'a snapshot holds every lot', `guest ${guest.number}`);
  }

  catalogue(guest: Guest, type: string, answer: Extract<LotsAnswer, { outcome: 'accepted' }>): void {
    const who = `${type} for guest ${guest.number} at ${answer.position}`;
    const { position } = answer;
    const shown = answer.lots.find((lot) => !isShownBetween(this.truth, lot, position, position));
    this.#demandShown(shown, who);
    const listed = [...this.truth.lots.values()].filter(
      ({ positions, seller }) => positions[0]! <= answer.position && (type === 'allitems' || seller === guest.subject),
    );
    this.demand(answer.lots.length === listed.length, 'a catalogue holds every lot', who);
  }

  noticed(guest: Guest, notice: AuctionClosed): void {
    this.#world.trace.add(`guest ${guest.number} is noticed ${JSON.stringify(notice)}`);
    this.#demandOwn(guest.subject, notice);
    this.#received.add(`${notice.lot} ${notice.role}`);
  }

  /** What is still missing when all is calm and over; `undefined` if nothing is. */
  missing(guests: readonly Guest[]): string | undefined {
    const last = this.truth.releases.at(-1)?.position ?? 0;
    const behind = guests.find(({ feed }) => (feed.cursor ?? 0) < last);
    if (behind !== undefined) return `guest ${behind.number} has not heard ${last}, but ${behind.feed.cursor}`;
    for (const lot of this.truth.lots.values()) {
      const missing = missingOf(lot, this.#received);
      if (missing !== undefined) return `lot ${lot.number}: ${missing}`;
    }
    const unseen = this.#world.lives.find(({ witnessed }) => witnessed < this.truth.position);
    return unseen && `of ${unseen.name} the witness has seen ${unseen.witnessed} records`;
  }

  /** Whether a house is what its records say. */
  demandFold(house: AuctionHouse, records: readonly Recorded[], name: string): void {
    this.demand(isFoldOf(house, records.slice(0, house.position)), 'the memory is the fold of the journal', name);
  }

  #keyOf(announcement: object): string {
    const known = this.#keys.get(announcement) ?? keyOf(announcement);
    this.#keys.set(announcement, known);
    return known;
  }

  /** In (after, until]. */
  #released(after: number, until: number): Release[] {
    const { releases } = this.truth;
    const found: Release[] = [];
    for (let at = releases.length - 1; at >= 0 && releases[at]!.position > after; at -= 1)
      if (releases[at]!.position <= until) found.unshift(releases[at]!);
    return found;
  }

  #demandShown(wrong: CatalogueLot | undefined, who: string): void {
    this.demand(wrong === undefined, 'a catalogue shows what was told', () => `${who}: ${JSON.stringify(wrong)}`);
  }

  #demandOwn(to: string, notice: AuctionClosed): void {
    const lot = this.truth.lots.get(notice.lot);
    const expected = lot && ownNotice(lot, notice.role);
    const { role: _role, position: _position, lot: _lot, ...said } = notice;
    this.demand(isDeepStrictEqual({ to, ...said }, expected), 'nobody but the two learns of a sale', () =>
      JSON.stringify({ to, notice, expected }),
    );
  }
}
