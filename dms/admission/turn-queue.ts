/**
 * Who is next, where many wait: whoever had the fewest turns. Each has a queue of his own and stands in a round, after each
 * turn in the next one (start-time fair queueing, Goyal 1996). So somebody who asks for less than those who never stop is
 * ahead of them all, however many they are and however long a round takes. Who is new is ahead by one round. Once there is
 * time and nobody waits, all start anew.
 */

/** By so many rounds may somebody be ahead: so many turns has he at once then, before all others. */
const MOST_AHEAD = 4;
/** Of so many it is known in which round they are. */
const MOST_KNOWN = 10_000;

export class TurnQueue<Who, Item> {
  readonly #waiting = new Map<Who, Item[]>();
  /** Those who have something waiting, by the round in which their turn is, in the order in which they came. */
  readonly #rounds = new Map<number, Set<Who>>();
  /** The round of the turn that each has next. */
  readonly #nextOf = new Map<Who, number>();
  /** The latest round in which anybody had a turn. */
  #latest = 0;
  #size = 0;

  /** What waits of all together. */
  get size(): number {
    return this.#size;
  }

  /** What waits of one. */
  sizeOf(who: Who): number {
    return this.#waiting.get(who)?.length ?? 0;
  }

  /** Whether somebody waits who had fewer turns than those who never stop. */
  get isAnyoneAhead(): boolean {
    for (let round = this.#latest - MOST_AHEAD; round < this.#latest; round += 1)
      if (this.#rounds.has(round)) return true;
    return false;
  }

  add(who: Who, item: Item): void {
    const queue = this.#waiting.get(who);
    if (queue === undefined) {
      this.#waiting.set(who, [item]);
      this.#lineUp(who);
    } else queue.push(item);
    this.#size += 1;
  }

  /** Takes the item whose turn it is. */
  next(): Item | undefined {
    if (this.#size === 0) {
      this.#startAnew();
      return undefined;
    }
    const who = this.#first();
    const queue = this.#waiting.get(who) as Item[];
    const item = queue.shift() as Item;
    this.#size -= 1;
    this.#nextOf.set(who, (this.#nextOf.get(who) ?? 0) + 1);
    if (queue.length > 0) this.#lineUp(who);
    else this.#waiting.delete(who);
    return item;
  }

  /** Lets somebody go so many rounds later, from his turn after next on. When nobody waits, it makes no difference. */
  putBack(who: Who, rounds: number): void {
    if (this.#size > 0) this.#nextOf.set(who, (this.#nextOf.get(who) ?? this.#latest) + rounds);
  }

  #lineUp(who: Who): void {
    const round = Math.max(this.#nextOf.get(who) ?? this.#latest - 1, this.#latest - MOST_AHEAD);
    this.#nextOf.set(who, round);
    this.#rounds.set(round, (this.#rounds.get(round) ?? new Set()).add(who));
    if (this.#nextOf.size > MOST_KNOWN) this.#forgetAbsent();
  }

  /** Nobody who waits is further ahead than that: the latest round only moves on when those before it are over. */
  #first(): Who {
    let round = this.#latest - MOST_AHEAD;
    while (!this.#rounds.has(round)) round += 1;
    const all = this.#rounds.get(round) as Set<Who>;
    const who = all.values().next().value as Who;
    all.delete(who);
    if (all.size === 0) this.#rounds.delete(round);
    this.#latest = Math.max(this.#latest, round);
    return who;
  }

  #forgetAbsent(): void {
    for (const who of this.#nextOf.keys()) if (!this.#waiting.has(who)) this.#nextOf.delete(who);
  }

  #startAnew(): void {
    this.#nextOf.clear();
    this.#latest = 0;
  }
}
