/**
 * Who is next, where many wait. Each has a queue of his own, and the queues take turns. Who had nothing waiting goes before
 * all who had, once: so somebody who asks now and then does not even wait for a turn of each of those who never stop (RFC 8290, section 4.2).
 */

export class TurnQueue<Who, Item> {
  /** Those who had nothing waiting when they came, the first of them first. */
  readonly #fresh = new Map<Who, Item[]>();
  /** All others, the one whose turn is next first. Who has nothing more stays until it would be his turn. */
  readonly #round = new Map<Who, Item[]>();
  #size = 0;

  /** What waits of all together. */
  get size(): number {
    return this.#size;
  }

  /** What waits of one. */
  sizeOf(who: Who): number {
    return (this.#fresh.get(who) ?? this.#round.get(who))?.length ?? 0;
  }

  add(who: Who, item: Item): void {
    const queue = this.#fresh.get(who) ?? this.#round.get(who);
    if (queue === undefined) this.#fresh.set(who, [item]);
    else queue.push(item);
    this.#size += 1;
  }

  /** Takes the item whose turn it is. */
  next(): Item | undefined {
    for (const queues of [this.#fresh, this.#round]) {
      for (const [who, queue] of queues) {
        queues.delete(who);
        const item = queue.shift();
        // Nothing came since his last turn: when he comes again, he is new again.
        if (item === undefined) continue;
        this.#round.set(who, queue);
        this.#size -= 1;
        return item;
      }
    }
    return undefined;
  }
}
