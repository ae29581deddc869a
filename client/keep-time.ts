/** Asks for the signed time now and then, so that a clock that somebody set is noticed soon. */
import { delay } from './connection/back-off.ts';
import { remedyFor } from './connection/recovery.ts';
import type { TrustedServiceApi } from './connection/trusted-service-api.ts';

/** A simulated clock may jump at any moment; a real one is only corrected for the drift of ours. */
const CHECK_MS = { simulated: 1_000, real: 60_000 } as const;

/** Runs until `signal`. What goes wrong at one question may be right at the next. */
export async function keepTime(api: TrustedServiceApi, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await delay(api.clock.read().simulated ? CHECK_MS.simulated : CHECK_MS.real, signal);
    if (!signal.aborted) await tryToSyncTime(api);
  }
}

/** The clock runs on by itself where nobody answers. Throws what more time would not mend. */
export async function tryToSyncTime(api: TrustedServiceApi): Promise<void> {
  try {
    await api.syncTime();
  } catch (error) {
    if (remedyFor(error) === undefined) throw error;
  }
}
