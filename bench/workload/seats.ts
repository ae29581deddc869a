/** The participants of one process: carries out what they are told to do, and keeps what they heard until it is asked for. */
import { setTimeout as pause } from 'node:timers/promises';
import { ANNOUNCEMENT_TICK_MS } from '../../shared/wire/limits.ts';
import { machineNow } from '../machine-now.ts';
import { Member, type MemberParts } from './member.ts';
import type { Collected, CrowdAnswer, CrowdQuestion, Done, Enrolment, Noticed } from './messages.ts';
import { GatheredNotes, type Who } from './notes.ts';
import { SlowestEar } from './slowest-ear.ts';

/** Enrolments that are under way at once. */
const AT_ONCE = 8;
/** How often notes are written, and sessions looked at. */
const BEAT_MS = 500;
/** Announcements that have not come by then never will. */
const HEARD_LIMIT_MS = 30_000;

export class Seats {
  readonly #members = new Map<Who, Member>();
  readonly #book: GatheredNotes;
  readonly #ear = new SlowestEar();
  readonly #beat: NodeJS.Timeout;
  /** Notices that came, and were not opened, verified and kept yet. */
  readonly #unopened = new Set<string>();
  readonly #opened = new Set<string>();
  #noticed: Noticed[] = [];
  #ended: string[] = [];

  private constructor(notes: string) {
    this.#book = new GatheredNotes(notes);
    this.#beat = setInterval(() => this.#keep(), BEAT_MS);
  }

  /** Everybody is enrolled when it resolves. */
  static async enrol({ members, notes, ...place }: Enrolment): Promise<Seats> {
    const seats = new Seats(notes);
    const left = members.values();
    const lane = async () => {
      for (const who of left) seats.#members.set(who, await Member.enrol({ ...place, who, ...seats.#listener }));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return seats;
  }

  async take(question: Exclude<CrowdQuestion, { readonly type: 'enrol' }>): Promise<CrowdAnswer> {
    if (question.type === 'do') return this.#do(question);
    if (question.type === 'collect') return this.#collect(question.upTo);
    if (question.type === 'enter') await this.#memberOf(question.who).enter();
    else if (question.type === 'leave') await this.#memberOf(question.who).leave();
    else await this.#end();
    return { done: true };
  }

  async #do({ who, order, due }: Extract<CrowdQuestion, { readonly type: 'do' }>): Promise<Done> {
    const lateMs = machineNow() - due;
    const outcome = await this.#memberOf(who).do(order);
    return { outcome, lateMs, answeredAt: machineNow() };
  }

  async #collect(upTo: number): Promise<Collected> {
    const limit = performance.now() + HEARD_LIMIT_MS;
    const isBehind = ({ announced }: Member) => announced !== undefined && announced < upTo;
    while ([...this.#members.values()].some(isBehind)) {
      if (performance.now() > limit) throw new Error(`position ${upTo} was not announced to everybody`);
      await pause(ANNOUNCEMENT_TICK_MS);
    }
    const collected = { ticks: this.#ear.take(), noticed: this.#noticed, ended: this.#ended };
    this.#noticed = [];
    this.#ended = [];
    return collected;
  }

  async #end(): Promise<void> {
    const limit = performance.now() + HEARD_LIMIT_MS;
    // What is missing then is for the auditor to say.
    while (this.#unopened.size > 0 && performance.now() < limit) await pause(ANNOUNCEMENT_TICK_MS);
    clearInterval(this.#beat);
    this.#book.flush();
  }

  #keep(): void {
    this.#book.flush();
    for (const member of this.#members.values()) void member.stay();
  }

  get #listener(): Pick<MemberParts, 'note' | 'onTold' | 'onNotice' | 'onEnd'> {
    return {
      note: (note) => {
        this.#book.write(note);
        if (note.note !== 'sale') return;
        this.#unopened.delete(keyOf(note));
        this.#opened.add(keyOf(note));
      },
      onTold: (from, to) => this.#ear.hear(from, to, machineNow()),
      onNotice: (notice, member) => {
        const { lot, role } = notice;
        this.#noticed.push({ lot, role, at: member.now(), enteredAt: member.enteredAt });
        const { who } = member;
        if (!this.#opened.has(keyOf({ who, ...notice }))) this.#unopened.add(keyOf({ who, ...notice }));
      },
      // As everybody's client does, who was thrown out comes again.
      onEnd: (reason, member) => {
        this.#ended.push(reason);
        void member.enter();
      },
    };
  }

  #memberOf(who: Who): Member {
    return this.#members.get(who) as Member;
  }
}

function keyOf({ who, lot, role }: { readonly who: Who; readonly lot: string; readonly role: string }): string {
  return `${who} ${lot} ${role}`;
}
