import { afterEach, describe, expect, it, vi } from 'vitest';
import { demandContinuation } from '../../../dms/proof/demand-continuation.ts';
import { createRetry } from '../../../dms/retry.ts';
import { ProtocolError, type RefusalCode } from '../../../shared/errors.ts';
import { refusalOf } from '../../support/refusal.ts';

const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn(), fatal: vi.fn() };

/** A witness that answers in turn, and is content at the end. */
function witness(...answers: RefusalCode[]) {
  return vi.fn(async () => {
    const code = answers.shift();
    if (code !== undefined) throw new ProtocolError(code);
  });
}
const pause = vi.fn(async () => {});
const demand = (ask: () => Promise<void>) => demandContinuation(ask, createRetry('witness', log), pause);
afterEach(() => pause.mockClear());

describe('a node that starts', () => {
  it('asks its witness once, if that is content', async () => {
    const ask = witness();
    await demand(ask);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('is given some time to catch up, and waits for a witness that does not answer', async () => {
    const ask = witness('trusted-service-unreachable', 'log-too-short', 'log-too-short');
    await demand(ask);
    expect(ask).toHaveBeenCalledTimes(4);
    expect(pause.mock.calls).toEqual([[500], [500]]);
  });

  it.each(['trusted-service-unreachable', 'trusted-time-unavailable', 'too-many-requests'] as const)(
    'does not take it for consent that the witness was not asked (%s)',
    async (code) => {
      const ask = witness(code, 'log-inconsistent', ...Array.from({ length: 5 }, () => 'log-inconsistent' as const));
      expect(await refusalOf(demand(ask))).toBe('journal-behind');
    },
  );

  it('does not answer for anything else that the witness may have', async () => {
    const ask = witness('checkpoint-not-next');
    await demand(ask);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it.each(['log-too-short', 'log-inconsistent'] as const)('does not start while it is %s', async (code) => {
    expect(await refusalOf(demand(witness(...Array.from({ length: 6 }, () => code))))).toBe('journal-behind');
    expect(pause).toHaveBeenCalledTimes(5);
  });
});
