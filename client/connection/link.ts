/** Keeps a session with the house alive: connects, notices the end, comes back, and renews what would end it. */
import { ProtocolError } from '../../shared/errors.ts';
import type { Instant, Position } from '../../shared/wire/vocabulary.ts';
import type { Access } from '../identity/access.ts';
import { tryToSyncTime } from '../keep-time.ts';
import { delay, type Setback, untilItSucceeds } from './back-off.ts';
import { DmsSession, type SessionListener } from './dms-session.ts';
import { remedyFor } from './recovery.ts';
import type { TrustedServiceApi } from './trusted-service-api.ts';

/** How the link stands. */
export type LinkState =
  | { readonly up: true; readonly attempt: number }
  | {
      readonly up: false;
      readonly reason: ProtocolError;
      /** The attempt that comes next, from 1. */
      readonly attempt: number;
      readonly nextTryInMs: number;
    };

export interface LinkListener extends SessionListener {
  /** A session is about to begin: what is told from here on belongs to it. */
  opening(): void;
  /** It began. The link counts as up when this resolves. */
  opened(session: DmsSession): Promise<void>;
  changed(state: LinkState): void;
  /** The session was extended with fresh credentials, to this instant. */
  renewed(expiresAt: Instant): void;
}

export interface LinkParts {
  readonly url: string;
  readonly api: TrustedServiceApi;
  readonly access: Access;
  readonly listener: LinkListener;
  /** Where to continue; asked at each new session. */
  readonly since: () => Position | undefined;
}

/** The longest pause between two attempts: a house that is back is noticed within this. */
const MAX_DELAY_MS = 5_000;
/** How often it is looked whether something has to be renewed. */
const RENEWAL_CHECK_MS = 1_000;

/** One link per client. `run` ends with `stop`, or with the error that no further attempt would mend. */
export class Link {
  readonly #parts: LinkParts;
  readonly #stopping = new AbortController();
  #session: DmsSession | undefined;
  #waiting = Promise.withResolvers<DmsSession>();
  #failure: unknown;
  #isFailed = false;

  constructor(parts: LinkParts) {
    this.#parts = parts;
    // Nobody may be waiting when the link fails.
    this.#waiting.promise.catch(() => undefined);
  }

  /** The session that is up now, if one is. */
  get present(): DmsSession | undefined {
    return this.#session;
  }

  /** The session, as soon as one is up. Throws the error with which the link failed; the last setback after `signal`. */
  async session(signal: AbortSignal): Promise<DmsSession> {
    if (this.#session !== undefined) return this.#session;
    if (this.#stopping.signal.aborted)
      throw this.#failure ?? new ProtocolError('dms-unreachable', 'the client was closed');
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    const expire = () => reject(this.#failure ?? new ProtocolError('dms-unreachable'));
    signal.addEventListener('abort', expire);
    if (signal.aborted) expire();
    try {
      return await Promise.race([this.#waiting.promise, tooLate]);
    } finally {
      signal.removeEventListener('abort', expire);
    }
  }

  /** Connects, and again whenever the session ends. Resolves after `stop`; throws what no attempt can mend. */
  async run(): Promise<void> {
    try {
      while (!this.#stopping.signal.aborted) await this.#oneSession();
      if (this.#isFailed) throw this.#failure;
    } catch (error) {
      if (this.#stopping.signal.aborted) {
        if (this.#isFailed) throw this.#failure;
        return;
      }
      this.#failure = error;
      // Nothing comes after this: whoever waits or asks later hears the same.
      this.#stopping.abort();
      this.#waiting.reject(error);
      throw error;
    }
  }

  /** Ends the session and every attempt for good, with the error that `run` then throws. */
  fail(error: unknown): void {
    this.#failure = error;
    this.#isFailed = true;
    this.#stopping.abort();
    this.#waiting.reject(error);
    this.#session?.close();
  }

  /** Ends the session and every attempt. */
  stop(): void {
    this.#stopping.abort();
    this.#session?.close();
    this.#waiting.reject(new ProtocolError('dms-unreachable', 'the client was closed'));
  }

  async #oneSession(): Promise<void> {
    const { listener } = this.#parts;
    let attempts = 1;
    const session = await untilItSucceeds(() => this.#open(), {
      passes: (error) => remedyFor(error) !== undefined,
      signal: this.#stopping.signal,
      maxDelayMs: MAX_DELAY_MS,
      onSetback: (setback) => {
        attempts = setback.attempt + 1;
        this.#tellSetback(setback);
      },
    });
    if (this.#stopping.signal.aborted) {
      // Whoever stopped us could not know this one.
      session.close();
      return;
    }
    this.#session = session;
    this.#waiting.resolve(session);
    listener.changed({ up: true, attempt: attempts });
    const reason = await this.#untilEnded(session);
    this.#session = undefined;
    this.#waiting = Promise.withResolvers();
    this.#waiting.promise.catch(() => undefined);
    if (this.#stopping.signal.aborted) return;
    this.#parts.access.spoil(reason);
    listener.changed({ up: false, reason, attempt: 1, nextTryInMs: 0 });
    // What ends a session and would end every other one too.
    if (remedyFor(reason) === undefined) throw reason;
  }

  async #open(): Promise<DmsSession> {
    const { url, api, access, listener, since } = this.#parts;
    try {
      // Everything is judged by trusted time, so it is asked for first.
      await tryToSyncTime(api);
      const auth = await access.fresh();
      const from = since();
      listener.opening();
      return await this.#admitted(
        await DmsSession.open(
          {
            url,
            auth,
            signer: access.signer,
            context: { root: api.root, revocations: (issuer) => api.revocations(issuer), at: api.clock.now() },
            ...(from === undefined ? {} : { since: from }),
          },
          listener,
        ),
      );
    } catch (error) {
      access.spoil(error);
      throw error;
    }
  }

  async #admitted(session: DmsSession): Promise<DmsSession> {
    try {
      await this.#parts.listener.opened(session);
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  async #untilEnded(session: DmsSession): Promise<ProtocolError> {
    const over = new AbortController();
    const renewing = this.#keepRenewed(session, over.signal);
    const reason = await session.ended;
    over.abort();
    await renewing;
    return reason;
  }

  /** Renews the certificate and the token before they end, and tells the house, so that the session outlives both. */
  async #keepRenewed(session: DmsSession, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await delay(RENEWAL_CHECK_MS, signal);
      if (signal.aborted || !this.#parts.access.isDue) continue;
      try {
        this.#parts.listener.renewed(await session.renew(await this.#parts.access.fresh()));
      } catch (error) {
        // Tried again in a second, as long as the session lasts; if it ends first, coming back renews as well.
        this.#parts.access.spoil(error);
      }
    }
  }

  #tellSetback({ attempt, error, delayMs }: Setback): void {
    if (!(error instanceof ProtocolError)) return;
    this.#failure = error;
    this.#parts.listener.changed({ up: false, reason: error, attempt: attempt + 1, nextTryInMs: Math.round(delayMs) });
  }
}
