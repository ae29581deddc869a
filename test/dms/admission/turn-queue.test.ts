import { describe, expect, it } from 'vitest';
import { TurnQueue } from '../../../dms/admission/turn-queue.ts';

function queueOf(...items: readonly string[]): TurnQueue<string, string> {
  const queue = new TurnQueue<string, string>();
  for (const item of items) queue.add(item[0]!, item);
  return queue;
}

function take(queue: TurnQueue<string, string>, count = 100): string {
  const taken: string[] = [];
  for (let left = count; left > 0; left -= 1) {
    const next = queue.next();
    if (next === undefined) break;
    taken.push(next);
  }
  return taken.join(' ');
}

describe('a queue of turns', () => {
  it('gives each one in turn, and to each in order', () => {
    expect(take(queueOf('a1', 'a2', 'a3', 'b1', 'c1', 'c2'))).toBe('a1 b1 c1 a2 c2 a3');
  });

  it('lets who had nothing waiting go before all who had', () => {
    const queue = queueOf('a1', 'a2', 'a3', 'b1', 'b2', 'b3');
    expect(take(queue, 3)).toBe('a1 b1 a2');
    queue.add('c', 'c1');
    expect(take(queue)).toBe('c1 b2 a3 b3');
  });

  it('lets him do so once: more of his waits for its turn', () => {
    const queue = queueOf('a1', 'a2', 'a3', 'b1', 'b2', 'b3');
    take(queue, 2);
    for (const item of ['c1', 'c2', 'c3']) queue.add('c', item);
    expect(take(queue)).toBe('c1 a2 b2 c2 a3 b3 c3');
  });

  it('calls nobody new who was served just now', () => {
    const queue = queueOf('a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'c1');
    expect(take(queue, 3)).toBe('a1 b1 c1');
    queue.add('c', 'c2');
    expect(take(queue, 3)).toBe('a2 b2 c2');
  });

  it('calls him new again when a turn of his has passed', () => {
    const queue = queueOf('a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'c1');
    expect(take(queue, 6)).toBe('a1 b1 c1 a2 b2 a3');
    queue.add('c', 'c2');
    expect(take(queue)).toBe('c2 b3');
  });

  it('knows how much waits', () => {
    const queue = queueOf('a1', 'a2', 'b1');
    expect([queue.size, queue.sizeOf('a'), queue.sizeOf('b'), queue.sizeOf('c')]).toEqual([3, 2, 1, 0]);
    take(queue, 2);
    expect([queue.size, queue.sizeOf('a'), queue.sizeOf('b')]).toEqual([1, 1, 0]);
    take(queue);
    expect([queue.size, queue.next()]).toEqual([0, undefined]);
  });
});
