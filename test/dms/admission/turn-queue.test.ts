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

  it('lets who asked for less than the others go before them at once, several times', () => {
    const queue = queueOf('c1', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6');
    expect(take(queue, 9)).toBe('c1 a1 b1 a2 b2 a3 b3 a4 b4');
    expect(queue.isAnyoneAhead).toBe(false);
    for (const item of ['c2', 'c3', 'c4', 'c5']) queue.add('c', item);
    expect(queue.isAnyoneAhead).toBe(true);
    // Each of the others had four turns. When he has had as many, he waits as they do.
    expect(take(queue)).toBe('c2 c3 c4 a5 b5 c5 a6 b6');
    expect(queue.isAnyoneAhead).toBe(false);
  });

  it('lets nobody save up more than a few turns', () => {
    const queue = queueOf('b0', 'a0');
    for (let turn = 1; turn <= 100; turn += 1) queue.add('a', `a${turn}`);
    take(queue, 90);
    for (let turn = 1; turn <= 20; turn += 1) queue.add('b', `b${turn}`);
    expect(take(queue, 8)).toBe('b1 b2 b3 b4 b5 a89 b6 a90');
  });

  it('puts back who sent a forgery, behind all who wait', () => {
    const queue = queueOf('a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'b4', 'b5');
    expect(take(queue, 2)).toBe('a1 b1');
    queue.putBack('a', 3);
    // His next turn was his already.
    expect(take(queue)).toBe('a2 b2 b3 b4 b5 a3');
  });

  it('starts anew when nobody waits any more', () => {
    const queue = queueOf('a1', 'a2', 'a3', 'a4');
    expect(take(queue)).toBe('a1 a2 a3 a4');
    for (const item of ['a5', 'a6', 'b1', 'b2', 'b3']) queue.add(item[0]!, item);
    expect(take(queue)).toBe('a5 b1 a6 b2 b3');
  });

  it('remembers no more than so many of those who came once', () => {
    const queue = new TurnQueue<string, string>();
    queue.add('a', 'a1');
    queue.add('a', 'a2');
    queue.next();
    for (let stranger = 0; stranger < 30_000; stranger += 1) {
      queue.add(`${stranger}`, 'once');
      queue.next();
    }
    queue.add('b', 'b1');
    expect([queue.size, queue.sizeOf('a'), queue.sizeOf('b')]).toEqual([2, 1, 1]);
    expect(take(queue)).toBe('b1 a2');
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
