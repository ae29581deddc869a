/** The audit journal, as the authorities see it: what they do and what is told of it are written together or not at all. */
import type { Clock } from '../../shared/time/clock.ts';
import type { Store } from '../store/store.ts';
import type { AuditEvent } from './audit-event.ts';

/** Where acts are told. */
export interface AuditTrail {
  /**
   * Runs `work` in one transaction with the events that it records: when this returns both are on disk, when it throws
   * neither is. `work` may not wait for anything.
   */
  within<Result>(work: (record: (event: AuditEvent) => void) => Result): Result;
}

export class AuditJournal implements AuditTrail {
  readonly #store: Pick<Store, 'audit' | 'transaction'>;
  readonly #machine: Clock;
  readonly #onRecorded: (event: AuditEvent) => void;

  /**
   * Events have the machine's time: the authority's own may be set, which is one of the things to be told. `onRecorded`
   * hears of each one when it is on disk.
   */
  constructor(
    store: Pick<Store, 'audit' | 'transaction'>,
    machine: Clock,
    onRecorded: (event: AuditEvent) => void = () => {},
  ) {
    this.#store = store;
    this.#machine = machine;
    this.#onRecorded = onRecorded;
  }

  within<Result>(work: (record: (event: AuditEvent) => void) => Result): Result {
    const { audit, transaction } = this.#store;
    const recorded: AuditEvent[] = [];
    const result = transaction(() =>
      work((event) => {
        audit.append({ ...event, at: this.#machine.now() });
        recorded.push(event);
      }),
    );
    for (const event of recorded) this.#onRecorded(event);
    return result;
  }
}
