/**
 * Puts a scheduler in the place of this process's timers and chances while a simulation runs, so that the parts of the
 * house that wait (`repeat`, `createRetry`, `follow`) do so in virtual time.
 */
import type { Random } from '../../client/bots/workload/random.ts';
import type { Scheduler } from './scheduler.ts';

class VirtualTimer {
  cancel: () => void = () => undefined;

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

type Callback = (...args: unknown[]) => void;

/** Returns the way back. */
export function useVirtualTimers(scheduler: Scheduler, random: Random): () => void {
  const once = (run: Callback, ms = 0, ...args: unknown[]) => {
    const timer = new VirtualTimer();
    timer.cancel = scheduler.after(ms, () => run(...args));
    return timer;
  };
  const always = (run: Callback, ms = 0, ...args: unknown[]) => {
    const timer = new VirtualTimer();
    const plan = () => {
      timer.cancel = scheduler.after(Math.max(1, ms), () => {
        plan();
        run(...args);
      });
    };
    plan();
    return timer;
  };
  const stop = (timer: unknown) => {
    if (timer instanceof VirtualTimer) timer.cancel();
  };
  const virtual = {
    setTimeout: once,
    setInterval: always,
    setImmediate: (run: Callback, ...args: unknown[]) => once(run, 0, ...args),
    clearTimeout: stop,
    clearInterval: stop,
    clearImmediate: stop,
  };
  const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate } = globalThis;
  const real = { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate };
  const realChance = Math.random;
  Object.assign(globalThis, virtual);
  Math.random = random.next;
  return () => {
    Object.assign(globalThis, real);
    Math.random = realChance;
  };
}
