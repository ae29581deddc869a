/** How busy the event loop is. */
import { type EventLoopUtilization, performance } from 'node:perf_hooks';

/** Returns a function that tells which part of the time since its last call the event loop was busy, from 0 to 1. */
export function createBusyShare(): () => number {
  let before: EventLoopUtilization = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}
