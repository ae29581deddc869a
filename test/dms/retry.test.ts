import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../dms/log.ts';
import { createRetry } from '../../dms/retry.ts';
import { ProtocolError, type RefusalCode } from '../../shared/errors.ts';
import { refusalOf } from '../support/refusal.ts';

let log: string[];
beforeEach(() => {
  vi.useFakeTimers();
  log = [];
});
afterEach(() => {
  vi.useRealTimers();
});

const retry = (atOnce?: number) => createRetry('test', createLog({ write: (line) => void log.push(line) }), atOnce);

function failing(times: number, code: RefusalCode) {
  let attempts = 0;
  return {
    get attempts() {
      return attempts;
    },
    attempt: async () => {
      attempts += 1;
      if (attempts <= times) throw new ProtocolError(code);
      return attempts;
    },
  };
}

describe('a call to the Trusted Service', () => {
  it('is repeated until it succeeds, every few seconds at least', async () => {
    const work = failing(20, 'trusted-service-unreachable');
    const answer = retry()(work.attempt);
    await vi.advanceTimersByTimeAsync(20 * 5_100);
    expect(await answer).toBe(21);
    expect(JSON.parse(log[0]!)).toMatchObject({ code: 'trusted-service-unreachable', attempt: 1 });
  });

  it.each(['evidence-invalid', 'disclosure-conflict', 'peer-untrusted', 'operator-token-required'] as const)(
    'is not repeated after %s',
    async (code) => {
      const work = failing(20, code);
      expect(await refusalOf(retry()(work.attempt))).toBe(code);
      expect(work.attempts).toBe(1);
    },
  );

  it.each([
    [30_000, 30_000],
    [3_600_000, 60_000],
  ])('waits when it is told to: %i ms, but %i at most', async (retryAfterMs, waits) => {
    let attempts = 0;
    const answer = retry()(async () => {
      attempts += 1;
      if (attempts === 1) throw new ProtocolError('too-many-requests', undefined, { retryAfterMs });
    });
    await vi.advanceTimersByTimeAsync(waits - 1);
    expect(attempts).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    await answer;
    expect(attempts).toBe(2);
  });

  it('is not repeated after a mistake of ours', async () => {
    await expect(retry()(() => Promise.reject(new TypeError('ours')))).rejects.toThrow(TypeError);
  });

  it('ends when it is aborted', async () => {
    const stopping = new AbortController();
    const work = failing(1_000, 'internal');
    const answer = retry()(work.attempt, stopping.signal).catch(() => 'ended');
    await vi.advanceTimersByTimeAsync(1_000);
    stopping.abort();
    const { attempts } = work;
    await vi.advanceTimersByTimeAsync(60_000);
    expect([await answer, work.attempts]).toEqual(['ended', attempts]);
  });

  it('waits for its turn, but holds none while it waits for another attempt', async () => {
    const one = retry(1);
    const failed = failing(3, 'trusted-service-unreachable');
    const first = one(failed.attempt);
    let isDone = false;
    const second = one(async () => {
      isDone = true;
    });
    await vi.advanceTimersByTimeAsync(0);
    expect([isDone, failed.attempts]).toEqual([true, 1]);
    await vi.advanceTimersByTimeAsync(60_000);
    await Promise.all([first, second]);
  });
});
