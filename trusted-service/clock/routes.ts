/** The clock over HTTP, for the operator alone: setting it, only where it is simulated, and confirming it after a step. */
import type { Logger } from 'pino';
import { ProtocolError } from '../../shared/errors.ts';
import { type ClockAnswer, PATHS, SetTimeRequest } from '../../shared/wire/http-endpoints.ts';
import { MAX_CLOCK_BYTES } from '../http/body-limits.ts';
import { type Call, jsonAnswer, jsonRoute, type Route } from '../http/route.ts';
import type { OperatorAccess } from '../operator-access.ts';
import type { SimulatedClock } from './simulated-clock.ts';

export interface ClockRoutesParts {
  readonly clock: SimulatedClock;
  readonly operator: OperatorAccess;
  readonly log: Logger;
  /** Called when the clock was moved, before the answer: certificates may have to follow. */
  readonly moved: () => Promise<void>;
}

/** The routes. Every attempt is logged, those that are refused too. */
export function createClockRoutes({ clock, operator, log, moved }: ClockRoutesParts): Route[] {
  const guard = ({ headers, path }: Call) => {
    try {
      operator.demand(headers);
      clock.demandSimulated();
    } catch (error) {
      const code = error instanceof ProtocolError ? error.code : 'internal';
      log.warn({ event: 'clock-refused', path, code }, 'an attempt on the clock was refused');
      throw error;
    }
  };
  const move = async (change: () => ClockAnswer): Promise<ClockAnswer> => {
    const before = clock.state();
    const after = change();
    log.info({ event: 'clock-moved', before, after }, 'the operator moved the clock');
    await moved();
    return after;
  };
  const setTime = jsonRoute({
    path: PATHS.setTime,
    guard,
    maxBodyBytes: MAX_CLOCK_BYTES,
    schema: SetTimeRequest,
    answer: ({ time }) => move(() => clock.set(time)),
  });
  const resetTime: Route = {
    method: 'post',
    paths: [PATHS.resetTime, PATHS.resetTimeAlias],
    guard,
    answer: async () => jsonAnswer(await move(() => clock.reset())),
  };
  const confirmTime = jsonRoute({
    path: PATHS.confirmTime,
    guard: ({ headers }) => operator.demand(headers),
    maxBodyBytes: MAX_CLOCK_BYTES,
    schema: SetTimeRequest,
    answer: async ({ time }) => {
      const { epoch } = clock.state();
      const after = clock.confirm(time);
      if (after.epoch === epoch) return after;
      log.warn({ event: 'clock-confirmed', after }, "the operator confirmed the machine's clock");
      await moved();
      return after;
    },
  });
  return [
    setTime,
    resetTime,
    confirmTime,
    { method: 'get', paths: [PATHS.clock], guard, answer: () => jsonAnswer(clock.state()) },
  ];
}
