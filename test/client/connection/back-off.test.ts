import { describe, expect, it, vi } from 'vitest';
import { delay, type Setback, untilItSucceeds } from '../../../client/connection/back-off.ts';
import { remedyFor } from '../../../client/connection/recovery.ts';
import { ProtocolError } from '../../../shared/errors.ts';

const passes = (error: unknown) => remedyFor(error) !== undefined;
const away = () => Promise.reject(new ProtocolError('dms-unreachable'));

describe('trying again', () => {
  it('goes on until it succeeds, with pauses that grow to the greatest', async () => {
    vi.useFakeTimers();
    const setbacks: Setback[] = [];
    let attempts = 0;
    const signal = new AbortController().signal;
    const trying = untilItSucceeds(() => (++attempts === 12 ? Promise.resolve('there') : away()), {
      passes,
      signal,
      maxDelayMs: 5_000,
      onSetback: (setback) => setbacks.push(setback),
    });
    await vi.runAllTimersAsync();
    vi.useRealTimers();
    expect(await trying).toBe('there');
    expect(setbacks.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(setbacks[0]?.delayMs).toBeLessThanOrEqual(200);
    for (const { delayMs } of setbacks.slice(6)) expect(delayMs).toBeGreaterThanOrEqual(2_500);
    for (const { delayMs } of setbacks) expect(delayMs).toBeLessThanOrEqual(5_000);
  });

  it('leaves a server alone for as long as it asks, and comes at a time of its own after that', async () => {
    vi.useFakeTimers();
    const setbacks: Setback[] = [];
    const busy = new ProtocolError('too-many-requests', undefined, { retryAfterMs: 600_000 });
    let attempts = 0;
    const trying = untilItSucceeds(() => (++attempts === 2 ? Promise.resolve('room') : Promise.reject(busy)), {
      passes,
      signal: new AbortController().signal,
      maxDelayMs: 5_000,
      onSetback: (setback) => setbacks.push(setback),
    });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(attempts).toBe(1);
    await vi.advanceTimersByTimeAsync(5_000);
    vi.useRealTimers();
    expect(await trying).toBe('room');
    expect(setbacks[0]?.delayMs).toBeGreaterThan(600_000);
  });

  it('stops at an error that does not pass', async () => {
    const error = new ProtocolError('certificate-revoked');
    const trying = untilItSucceeds(() => Promise.reject(error), {
      passes,
      signal: new AbortController().signal,
      maxDelayMs: 1,
    });
    await expect(trying).rejects.toBe(error);
  });

  it('ends with the last error as soon as the signal says so, in the middle of a pause too', async () => {
    const stop = new AbortController();
    const trying = untilItSucceeds(away, {
      passes,
      signal: stop.signal,
      maxDelayMs: 3_600_000,
      initialDelayMs: 3_600_000,
      onSetback: () => stop.abort(),
    });
    await expect(trying).rejects.toMatchObject({ code: 'dms-unreachable' });
  });

  it('a pause is over at once when it is cut short', async () => {
    await delay(3_600_000, AbortSignal.abort());
  });
});
