/** The door to time. Everything that asks for it is handed a `Clock`, so tests and `/api/settime` set the one that production uses. */

export interface Clock {
  /** Integer milliseconds since the Unix epoch, UTC. May step when somebody sets the machine's clock. */
  now(): number;
  /** Milliseconds since some fixed moment, never going back; for ages and timeouts. */
  monotonic(): number;
}

/** The machine's own two clocks. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
