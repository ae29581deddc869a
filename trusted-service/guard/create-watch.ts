/** What the Trusted Service looks at to know whether it can do its work. */
import { ProtocolError } from '../../shared/errors.ts';
import type { Issuer } from '../certificate-authority/issuer.ts';
import type { SimulatedClock } from '../clock/simulated-clock.ts';
import type { TimeMonitor } from '../clock/time-monitor.ts';
import type { OwnCertificates } from '../own-certificates.ts';
import type { Store } from '../store/store.ts';
import { Watch, type WatchParts } from './watch.ts';

interface Watched {
  readonly monitor: TimeMonitor;
  readonly clock: SimulatedClock;
  readonly issuer: Issuer;
  readonly own: OwnCertificates;
  readonly store: Pick<Store, 'numbers'>;
}

/** A watch that does not look yet. */
export function createWatch(
  { monitor, clock, issuer, own, store }: Watched,
  parts: Pick<WatchParts, 'book' | 'onRecovery'>,
): Watch {
  return new Watch({
    ...parts,
    checks: {
      'clock-stepped': () => void monitor.demandTime(),
      'signer-expired': () => own.demandAlive(),
      'clock-out-of-certificates': () => {
        if (!issuer.isAliveAt(clock.now())) throw new ProtocolError('clock-out-of-certificates');
      },
    },
    write: () => {
      store.numbers.probe();
      if (monitor.look() === undefined) clock.keepTime();
    },
  });
}
