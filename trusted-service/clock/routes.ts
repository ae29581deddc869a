/** The clock over HTTP, for the operator alone: setting it, only where it is simulated, and confirming it after a step. */
import type { Logger } from 'pino';
import { ProtocolError } from '../../shared/errors.ts';
import { ClockAnswer, PATHS, SetTimeRequest } from '../../shared/wire/http-endpoints.ts';
import { MAX_CLOCK_BYTES } from '../http/body-limits.ts';
import { type Call, jsonAnswer, jsonForm, jsonRoute, type Route, type RouteAbout } from '../http/route.ts';
import type { OperatorAccess } from '../operator-access.ts';
import type { SimulatedClock } from './simulated-clock.ts';

export interface ClockRoutesParts {
  readonly clock: SimulatedClock;
  readonly operator: OperatorAccess;
  readonly log: Logger;
  /** Called when the clock was moved, before the answer: certificates may have to follow. */
  readonly moved: () => Promise<void>;
}

/** For the operator, and only where the clock is simulated. */
const FOR_THE_OPERATOR = {
  group: 'Time',
  token: 'operator',
  refusals: ['clock-not-simulated', 'state-unwritable'],
} as const;

function tellingTheClock(summary: string): RouteAbout {
  return { ...FOR_THE_OPERATOR, summary, answers: { 200: [jsonForm(ClockAnswer)] } };
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
    reply: ClockAnswer,
    about: { ...FOR_THE_OPERATOR, summary: 'Set the simulated clock; it runs on from there' },
    answer: ({ time }) => move(() => clock.set(time)),
  });
  const resetTime: Route = {
    method: 'post',
    paths: [PATHS.resetTime, PATHS.resetTimeAlias],
    about: tellingTheClock("Set the simulated clock back to the machine's time"),
    guard,
    answer: async () => jsonAnswer(await move(() => clock.reset())),
  };
  const confirmTime = jsonRoute({
    path: PATHS.confirmTime,
    guard: ({ headers }) => operator.demand(headers),
    maxBodyBytes: MAX_CLOCK_BYTES,
    schema: SetTimeRequest,
    reply: ClockAnswer,
    about: {
      group: 'Time',
      summary: "Say what time it is after the machine's clock was set",
      more: "`time` is read off another clock. Where the machine's clock agrees with it, the service goes on, in a new epoch.",
      token: 'operator',
      refusals: ['time-not-confirmed', 'state-unwritable'],
    },
    answer: async ({ time }) => {
      const { epoch } = clock.state();
      const after = clock.confirm(time);
      if (after.epoch === epoch) return after;
      log.warn({ event: 'clock-confirmed', after }, "the operator confirmed the machine's clock");
      await moved();
      return after;
    },
  });
  const state: Route = {
    method: 'get',
    paths: [PATHS.clock],
    about: tellingTheClock('How the simulated clock stands'),
    guard,
    answer: () => jsonAnswer(clock.state()),
  };
  return [setTime, resetTime, confirmTime, state];
}
