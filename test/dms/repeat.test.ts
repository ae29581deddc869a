import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../dms/log.ts';
import { type Repeating, repeat } from '../../dms/repeat.ts';
import { ProtocolError } from '../../shared/errors.ts';

let turns: number;
let running: number;
let trouble: Error | undefined;
let log: string[];
let failures: unknown[];
let repeating: Repeating;

beforeEach(() => {
  vi.useFakeTimers();
  [turns, running, trouble, log, failures] = [0, 0, undefined, [], []];
  repeating = repeat({
    name: 'test',
    everyMs: 100,
    log: createLog({ write: (line) => void log.push(line) }),
    onFailure: (error) => failures.push(error),
    work: async () => {
      turns += 1;
      running += 1;
      expect(running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 30));
      running -= 1;
      if (trouble !== undefined) throw trouble;
    },
  });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('repeated work', () => {
  it('begins at once and waits from the end of a turn', async () => {
    expect(turns).toBe(1);
    await vi.advanceTimersByTimeAsync(129);
    expect(turns).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(turns).toBe(2);
  });

  it('is done at once when asked for, and never twice at the same time', async () => {
    repeating.now();
    repeating.now();
    await vi.advanceTimersByTimeAsync(31);
    expect(turns).toBe(2);
    await vi.advanceTimersByTimeAsync(60);
    repeating.now();
    expect(turns).toBe(3);
  });

  it('goes on after a refusal, which is logged when it begins and when it is over', async () => {
    trouble = new ProtocolError('trusted-service-unreachable');
    await vi.advanceTimersByTimeAsync(1_000);
    trouble = undefined;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(turns).toBeGreaterThan(10);
    expect(log.map((line) => JSON.parse(line).code)).toEqual(['trusted-service-unreachable', undefined]);
    expect(failures).toEqual([]);
  });

  it('hands on a mistake of ours', async () => {
    trouble = new TypeError('ours');
    await vi.advanceTimersByTimeAsync(31);
    expect(failures).toEqual([trouble]);
  });

  it('ends, after the turn that is under way', async () => {
    let hasEnded = false;
    const ending = repeating.stop().then(() => {
      hasEnded = true;
    });
    await vi.advanceTimersByTimeAsync(29);
    expect(hasEnded).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await ending;
    repeating.now();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(turns).toBe(1);
  });
});
