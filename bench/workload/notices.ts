/** The private notices that came to anybody, each once. */
import type { HeardLot } from './lot-board.ts';
import type { Collected, Noticed } from './messages.ts';

/** Whether everybody heard how it ended who has to. */
export function isTold({ lot, closed }: Pick<HeardLot, 'lot' | 'closed'>, notices: Pick<Notices, 'has'>): boolean {
  return closed !== undefined && notices.has(lot, 'seller') && (!closed.isSold || notices.has(lot, 'winner'));
}

export class Notices {
  readonly #first = new Map<string, Noticed>();

  /** Who was away, or has not said yet that it arrived, is told again: the first one counts. */
  add(collected: readonly Pick<Collected, 'noticed'>[]): void {
    for (const one of collected.flatMap(({ noticed }) => noticed)) {
      const key = `${one.lot} ${one.role}`;
      if (!this.#first.has(key)) this.#first.set(key, one);
    }
  }

  has(lot: string, role: Noticed['role']): boolean {
    return this.#first.has(`${lot} ${role}`);
  }

  all(): Noticed[] {
    return [...this.#first.values()];
  }
}
