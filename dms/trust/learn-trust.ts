/** What a starting node has to know before anything else: the time, the authority's keys, and who is revoked, all three of the present. */
import type { Retry } from '../retry.ts';
import type { TrustedTime } from '../trusted-time.ts';
import type { Keyring } from './keyring.ts';
import type { RevocationWatch } from './revocation-watch.ts';

export interface UnlearnedTrust {
  readonly time: Pick<TrustedTime, 'sync' | 'now'>;
  readonly keyring: Pick<Keyring, 'refresh'>;
  readonly revocations: Pick<RevocationWatch, 'poll'>;
}

/** Comes back when all three are known; `retry` says how long that may take. */
export function learnTrust(
  { time, keyring, revocations }: UnlearnedTrust,
  retry: Retry,
  signal?: AbortSignal,
): Promise<void> {
  // Each time all three: while one of them is waited for the clock can be set, and what was learned by it is of another time.
  return retry(async () => {
    await time.sync();
    await keyring.refresh(time.now());
    await revocations.poll(time.now());
  }, signal);
}
