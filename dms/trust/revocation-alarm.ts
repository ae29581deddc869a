/** Says it aloud when there is no revocation list of the present, and when there is one again: once each, not each time. */
import type { Logger } from 'pino';
import type { Instant } from '../../shared/wire/vocabulary.ts';

export interface RevocationAlarmParts {
  readonly time: { readonly isKnown: boolean; now(): Instant };
  readonly revocations: { current(at: number): unknown };
  readonly log: Pick<Logger, 'error' | 'info'>;
}

export class RevocationAlarm {
  readonly #parts: RevocationAlarmParts;
  #isRaised = false;

  constructor(parts: RevocationAlarmParts) {
    this.#parts = parts;
  }

  /** To be called several times a second. Without trusted time nothing is said here: that is a trouble of its own. */
  look(): void {
    const { time, revocations, log } = this.#parts;
    if (!time.isKnown) return;
    const at = time.now();
    const isStale = revocations.current(at) === undefined;
    if (isStale === this.#isRaised) return;
    this.#isRaised = isStale;
    const event = { event: isStale ? 'revocation-list-stale' : 'revocation-list-current', at };
    if (isStale) log.error(event, 'no revocation list of the present: nobody is let in and no command is taken');
    else log.info(event, 'there is a revocation list of the present again');
  }
}
