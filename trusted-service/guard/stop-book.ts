/** Why the service has stopped doing something: each reason is told once when it begins and once when it is over. */
import type { Logger } from 'pino';
import { adviceFor, type RefusalCode } from '../../shared/errors.ts';

/** What the service can't go on with, the gravest first. Each is also the code that a request gets which needs it. */
export const STOP_CODES = [
  'clock-stepped',
  'state-unwritable',
  'clock-out-of-certificates',
  'signer-expired',
] as const satisfies readonly RefusalCode[];
export type StopCode = (typeof STOP_CODES)[number];

/** A reason of the present. */
export interface StopReason {
  readonly code: StopCode;
  /** What exactly, for the operator. */
  readonly detail: string | undefined;
}

export class StopBook {
  readonly #log: Logger;
  readonly #onStop: (code: StopCode) => void;
  readonly #reasons = new Map<StopCode, StopReason>();

  /** `onStop` hears of each beginning. */
  constructor(log: Logger, onStop: (code: StopCode) => void) {
    this.#log = log;
    this.#onStop = onStop;
  }

  /** The reason is there. */
  begin(code: StopCode, detail: string | undefined): void {
    const isNew = !this.#reasons.has(code);
    this.#reasons.set(code, { code, detail });
    if (!isNew) return;
    this.#log.error({ event: 'stopped', code, detail }, adviceFor(code));
    this.#onStop(code);
  }

  /** The reason is gone, if it was there. */
  end(code: StopCode): boolean {
    if (!this.#reasons.delete(code)) return false;
    this.#log.warn({ event: 'recovered', code });
    return true;
  }

  has(code: StopCode): boolean {
    return this.#reasons.has(code);
  }

  /** All of them, in the order of `STOP_CODES`. */
  reasons(): StopReason[] {
    return STOP_CODES.flatMap((code) => this.#reasons.get(code) ?? []);
  }
}

/** Whether this is the code of a stop: everything else is about what was asked. */
export function isStopCode(code: RefusalCode): code is StopCode {
  return (STOP_CODES as readonly RefusalCode[]).includes(code);
}
