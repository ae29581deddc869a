/**
 * Before a node answers anybody: that its journal continues what the witness has seen of this house. A journal that was
 * put back to an earlier state would go on with other records in the place of those that bidders hold receipts for.
 */
import { setTimeout as byTimer } from 'node:timers/promises';
import { ProtocolError, type RefusalCode } from '../../shared/errors.ts';
import type { Retry } from '../retry.ts';

/** A node that shares its journal catches up meanwhile: other nodes may have shown the witness more than it has read. */
const LOOKS = 6;
const PAUSE_MS = 500;
/** By these the witness has said nothing of the journal, for it was not asked: a node that opened then would open unchecked. */
const UNASKED: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'too-many-requests',
  'trusted-service-unreachable',
  'trusted-time-unavailable',
]);

/**
 * `ask` has the newest checkpoint cosigned; `pause` waits so many milliseconds. Waits for a witness that does not answer.
 * @throws ProtocolError 'journal-behind'
 */
export function demandContinuation(
  ask: () => Promise<void>,
  retry: Retry,
  pause: (ms: number) => Promise<unknown> = byTimer,
): Promise<void> {
  return retry(async () => {
    for (let look = 1; look < LOOKS; look++) {
      if ((await contradictionOf(ask)) === undefined) return;
      await pause(PAUSE_MS);
    }
    const cause = await contradictionOf(ask);
    if (cause !== undefined) throw new ProtocolError('journal-behind', cause.detail, { cause });
  });
}

/** What the witness has against the journal itself. The rest it is asked again while the node works, and logged there. */
async function contradictionOf(ask: () => Promise<void>): Promise<ProtocolError | undefined> {
  try {
    await ask();
    return undefined;
  } catch (error) {
    if (!(error instanceof ProtocolError) || UNASKED.has(error.code)) throw error;
    return error.code === 'log-too-short' || error.code === 'log-inconsistent' ? error : undefined;
  }
}
