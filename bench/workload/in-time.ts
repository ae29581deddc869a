/** Waits until something is so, and not for ever. */
import { delay } from '../../client/connection/back-off.ts';

const LOOK_MS = 100;

/** Whether it is so within so long, and before `signal` is aborted. */
export async function inTime(
  look: () => boolean | Promise<boolean>,
  limitMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const over = AbortSignal.any([AbortSignal.timeout(limitMs), ...(signal === undefined ? [] : [signal])]);
  while (!(await look())) {
    if (over.aborted) return false;
    await delay(LOOK_MS, over);
  }
  return true;
}
