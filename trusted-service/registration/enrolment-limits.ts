/** How many may enrol: who could take names without end would take them all, and fill the disk. Renewals are not counted. */
import { ProtocolError } from '../../shared/errors.ts';
import { networkOf } from '../../shared/network-of.ts';
import type { Clock } from '../../shared/time/clock.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Addresses that are remembered. Beyond that the one that was quiet longest is forgotten: memory has an end. */
const MAX_NETWORKS = 10_000;

export interface EnrolmentLimitsOptions {
  /** Attempts in any hour from one address, an IPv6 network of 64 bits counting as one. Failed ones count: each tries a name. */
  readonly perAddress: number;
  /** New names in any hour, from everywhere. Failed attempts do not count: a stranger could use them up for everybody. */
  readonly inTotal: number;
  readonly clock: Clock;
}

export class EnrolmentLimits {
  readonly #options: EnrolmentLimitsOptions;
  /** Monotonic times of the last hour's attempts, oldest first; the network that asked last is the last. */
  readonly #attempts = new Map<string, number[]>();
  #enrolments: number[] = [];

  constructor(options: EnrolmentLimitsOptions) {
    this.#options = options;
  }

  /**
   * Counts an attempt to enrol. Returns what takes it back from the total, for one that fails.
   * @throws ProtocolError 'too-many-requests' with the time after which the next one is free
   */
  take(address: string | undefined): () => void {
    const { perAddress, inTotal, clock } = this.#options;
    const now = clock.monotonic();
    const network = networkOf(address);
    const attempts = ofLastHour(this.#attempts.get(network) ?? [], now);
    demandRoom(attempts, perAddress, 'enrolments from this address', now);
    this.#enrolments = ofLastHour(this.#enrolments, now);
    demandRoom(this.#enrolments, inTotal, 'enrolments', now);
    this.#remember(network, [...attempts, now]);
    this.#enrolments.push(now);
    let isTaken = true;
    return () => {
      const at = isTaken ? this.#enrolments.indexOf(now) : -1;
      if (at >= 0) this.#enrolments.splice(at, 1);
      isTaken = false;
    };
  }

  #remember(network: string, attempts: number[]): void {
    this.#attempts.delete(network);
    this.#attempts.set(network, attempts);
    const [quietest] = this.#attempts.keys();
    if (this.#attempts.size > MAX_NETWORKS && quietest !== undefined) this.#attempts.delete(quietest);
  }
}

function ofLastHour(times: readonly number[], now: number): number[] {
  return times.filter((time) => time > now - HOUR_MS);
}

function demandRoom(times: readonly number[], limit: number, what: string, now: number): void {
  if (times.length < limit) return;
  // With a limit of 0 there is no oldest, and an hour is as good as any time.
  const retryAfterMs = (times.at(-limit) ?? now) + HOUR_MS - now;
  const minutes = Math.ceil(retryAfterMs / MINUTE_MS);
  throw new ProtocolError('too-many-requests', `at most ${limit} ${what} in an hour; try again in ${minutes} min`, {
    retryAfterMs,
  });
}
