/** What the Trusted Service looks at to know whether it can do its work. */
import { ProtocolError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Issuer } from '../certificate-authority/issuer.ts';
import type { SimulatedClock } from '../clock/simulated-clock.ts';
import type { TimeMonitor } from '../clock/time-monitor.ts';
import type { OwnCertificates } from '../own-certificates.ts';
import type { Store } from '../store/store.ts';
import { covers } from './certificate-life.ts';
import { Watch, type WatchParts } from './watch.ts';

interface Watched {
  readonly monitor: TimeMonitor;
  readonly clock: SimulatedClock;
  readonly machine: Clock;
  readonly issuer: Issuer;
  readonly own: OwnCertificates;
  readonly store: Pick<Store, 'numbers'>;
}

/** A watch that does not look yet. */
export function createWatch(
  { monitor, clock, machine, issuer, own, store }: Watched,
  parts: Pick<WatchParts, 'book' | 'onRecovery'>,
): Watch {
  return new Watch({
    ...parts,
    checks: {
      'clock-stepped': () => void monitor.demandTime(),
      'signer-expired': () => demandSigners(own, clock.now(), machine.now()),
      'clock-out-of-certificates': () => {
        // A signer of before the last rotation is under another issuing CA than the one that issues.
        const authorities = [
          issuer.certificate,
          own.chain('token-signer').issuer,
          own.chain('timestamp-signer').issuer,
        ];
        const now = clock.now();
        if (!authorities.every((authority) => covers(authority, now))) {
          throw new ProtocolError('clock-out-of-certificates');
        }
      },
    },
    write: () => {
      store.numbers.probe();
      if (monitor.look() === undefined) clock.keepTime();
    },
  });
}

/** Signers are judged by the authority's clock, the TLS server by the machine's. Throws 'signer-expired' with the names of those that are not valid. */
function demandSigners(own: OwnCertificates, now: number, machineNow: number): void {
  const judged = [
    ['token-signer', own.chain('token-signer').signer, now],
    ['timestamp-signer', own.chain('timestamp-signer').signer, now],
    ['trusted-service-tls', own.tlsCertificate(), machineNow],
  ] as const;
  const ended = judged.filter(([, certificate, at]) => !covers(certificate, at)).map(([name]) => name);
  if (ended.length > 0) throw new ProtocolError('signer-expired', ended.join(', '));
}
