import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ProtocolError } from '../../../shared/errors.ts';
import { StopBook, type StopCode } from '../../../trusted-service/guard/stop-book.ts';
import { Watch } from '../../../trusted-service/guard/watch.ts';

const SECOND_MS = 1_000;
/** By then somebody has tried to write, though nobody asked. */
const WRITE_TRIED_MS = 30 * SECOND_MS;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A watch over reasons in the test's hand. */
function watched() {
  const wrong = new Map<StopCode, ProtocolError>();
  const counts = { stops: [] as string[], recoveries: 0, writes: 0 };
  const lines: { event: string; code: string; detail?: string }[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const check = (code: StopCode) => () => {
    const error = wrong.get(code);
    if (error !== undefined) throw error;
  };
  const watch = new Watch({
    book: new StopBook(log, (code) => counts.stops.push(code)),
    checks: {
      'clock-stepped': check('clock-stepped'),
      'signer-expired': check('signer-expired'),
      'clock-out-of-certificates': check('clock-out-of-certificates'),
    },
    write: () => {
      counts.writes += 1;
      check('state-unwritable')();
    },
    onRecovery: () => {
      counts.recoveries += 1;
    },
  });
  watch.start();
  return { watch, wrong, counts, lines };
}

it('hears within a second of what stops the service, and tells it once, and once that it is over', () => {
  const { watch, wrong, counts, lines } = watched();
  vi.advanceTimersByTime(5 * SECOND_MS);
  expect(lines).toEqual([]);
  wrong.set('clock-stepped', new ProtocolError('clock-stepped', 'by +7 ms'));
  vi.advanceTimersByTime(60 * SECOND_MS);
  expect(counts.stops).toEqual(['clock-stepped']);
  expect(lines).toMatchObject([{ event: 'stopped', code: 'clock-stepped', detail: 'by +7 ms' }]);
  wrong.clear();
  vi.advanceTimersByTime(60 * SECOND_MS);
  expect(lines[1]).toMatchObject({ event: 'recovered', code: 'clock-stepped' });
  expect([lines.length, counts.recoveries, watch.reasons().length]).toEqual([2, 1, 0]);
  watch.stop();
});

it('tries to write seldom while it can, and every second while it can’t', () => {
  const { watch, wrong, counts } = watched();
  wrong.set('state-unwritable', new ProtocolError('state-unwritable', undefined, { cause: new Error('disk full') }));
  vi.advanceTimersByTime(WRITE_TRIED_MS);
  expect(counts.writes).toBe(1);
  expect(watch.reasons()).toEqual([{ code: 'state-unwritable', detail: 'disk full' }]);
  vi.advanceTimersByTime(4 * SECOND_MS);
  expect(counts.writes).toBe(5);
  wrong.clear();
  vi.advanceTimersByTime(SECOND_MS);
  expect(watch.reasons()).toEqual([]);
  vi.advanceTimersByTime(10 * SECOND_MS);
  expect(counts.writes).toBe(6);
  watch.stop();
});

it('learns from a refused request that nothing can be written, and from no other refusal', () => {
  const { watch, wrong, counts } = watched();
  watch.noteRefusal(new ProtocolError('malformed'));
  watch.noteRefusal(new ProtocolError('clock-stepped'));
  expect(watch.reasons()).toEqual([]);
  wrong.set('state-unwritable', new ProtocolError('state-unwritable'));
  watch.noteRefusal(new ProtocolError('state-unwritable', undefined, { cause: new Error('disk full') }));
  expect(watch.reasons()).toEqual([{ code: 'state-unwritable', detail: 'disk full' }]);
  expect(counts.stops).toEqual(['state-unwritable']);
  watch.stop();
});

it('names every reason, the gravest first, and takes a check that another reason stops for no recovery', () => {
  const { watch, wrong, counts } = watched();
  wrong.set('signer-expired', new ProtocolError('signer-expired', 'token-signer'));
  expect(watch.reasons().map(({ code }) => code)).toEqual(['signer-expired']);
  const stepped = new ProtocolError('clock-stepped');
  for (const code of ['clock-stepped', 'signer-expired', 'clock-out-of-certificates'] as const)
    wrong.set(code, stepped);
  expect(watch.reasons().map(({ code }) => code)).toEqual(['clock-stepped', 'signer-expired']);
  expect(counts.recoveries).toBe(0);
  watch.stop();
});

it('looks no more once it was stopped', () => {
  const { watch, wrong, counts } = watched();
  watch.stop();
  wrong.set('clock-stepped', new ProtocolError('clock-stepped'));
  vi.advanceTimersByTime(60 * SECOND_MS);
  expect([counts.stops, counts.writes]).toEqual([[], 0]);
});
