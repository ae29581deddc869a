/** How many requests one address may send, told in each answer. An honest caller never meets these limits: they keep a flood from taking everybody's turn. */
import { ProtocolError } from '../../shared/errors.ts';
import { networkOf } from '../../shared/network-of.ts';
import type { Clock } from '../../shared/time/clock.ts';

/** What is counted apart. Timestamps are cheap, since many share a signature, and wanted for every bid. */
export type LimitName = 'timestamps' | 'requests';

const WINDOW_MS = 60_000;
/** Addresses that are remembered of each kind. Beyond that the oldest window is forgotten: memory has an end. */
const MAX_NETWORKS = 20_000;

export interface RequestLimitsOptions {
  /** Per address and minute, an IPv6 network of 64 bits counting as one address. */
  readonly quotas: Readonly<Record<LimitName, number>>;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** What a request is told of its limit. */
export interface Taken {
  readonly headers: Readonly<Record<string, string>>;
  /** Why it is not served. */
  readonly refusal?: ProtocolError;
}

interface Window {
  readonly endsAt: number;
  count: number;
}

export class RequestLimits {
  readonly #options: RequestLimitsOptions;
  /** In order of their beginning. */
  readonly #windows: Readonly<Record<LimitName, Map<string, Window>>> = { timestamps: new Map(), requests: new Map() };

  constructor(options: RequestLimitsOptions) {
    this.#options = options;
  }

  /** Counts a request. The headers are those of draft-ietf-httpapi-ratelimit-headers-08. */
  take(name: LimitName, address: string | undefined): Taken {
    const { quotas, clock } = this.#options;
    const quota = quotas[name];
    const now = clock.monotonic();
    const window = this.#windowOf(name, networkOf(address), now);
    window.count += 1;
    const leftMs = window.endsAt - now;
    const headers = {
      'RateLimit-Policy': `"${name}";q=${quota};w=${WINDOW_MS / 1_000}`,
      RateLimit: `"${name}";r=${Math.max(0, quota - window.count)};t=${Math.ceil(leftMs / 1_000)}`,
    };
    if (window.count <= quota) return { headers };
    const detail = `at most ${quota} ${name} of one address in a minute`;
    return { headers, refusal: new ProtocolError('too-many-requests', detail, { retryAfterMs: leftMs }) };
  }

  /** The address's present window, or a new one that begins now. */
  #windowOf(name: LimitName, network: string, now: number): Window {
    const windows = this.#windows[name];
    const present = windows.get(network);
    if (present !== undefined && present.endsAt > now) return present;
    const window = { endsAt: now + WINDOW_MS, count: 0 };
    windows.delete(network);
    windows.set(network, window);
    const [oldest] = windows.keys();
    if (windows.size > MAX_NETWORKS && oldest !== undefined) windows.delete(oldest);
    return window;
  }
}
