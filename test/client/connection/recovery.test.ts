import { expect, it } from 'vitest';
import { remedyFor } from '../../../client/connection/recovery.ts';
import { EXIT, exitCodeFor } from '../../../client/exit-codes.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import { STOP_CODES } from '../../../trusted-service/guard/stop-book.ts';

/** An operator of a simulated clock ends this one, and nobody else. */
const IS_A_JOURNEY = 'clock-out-of-certificates';

it.each(STOP_CODES.filter((code) => code !== IS_A_JOURNEY))(
  '%s is something to wait for, as for a service that is away',
  (code) => {
    const error = new ProtocolError(code);
    expect(remedyFor(error)).toBe('wait');
    expect(exitCodeFor(error)).toBe(EXIT.unreachable);
  },
);
