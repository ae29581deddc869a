/** What has to be done again and again so that the service can go on: certificates and lists renewed, spent proofs forgotten. */
import type { Logger } from 'pino';
import { ProtocolError } from '../shared/errors.ts';
import type { SimulatedClock } from './clock/simulated-clock.ts';
import type { OwnCertificates, TlsIdentity } from './own-certificates.ts';
import type { SpentProofs } from './store/spent-proofs.ts';

/** A proof is forgotten this long after nobody could use it any more, in case the machine's clock is set back. */
const PROOF_MEMORY_MS = 24 * 3_600_000;

export interface UpkeepParts {
  readonly own: OwnCertificates;
  /** The revocation lists: signs those anew that are no longer fresh. */
  readonly lists: { freshen(): Promise<void> };
  readonly proofs: SpentProofs;
  readonly clock: SimulatedClock;
  readonly log: Logger;
}

export class Upkeep {
  /** Told when the TLS server has another certificate. */
  onTlsChange: (identity: TlsIdentity) => void = () => {};
  readonly #parts: UpkeepParts;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
  }

  /** To be called every few minutes. */
  async maintain(): Promise<void> {
    const { clock, proofs } = this.#parts;
    await this.renew();
    // A clock that an operator may set back makes old proofs young again: there none is forgotten.
    if (clock.kind === 'real') proofs.forgetBefore(clock.now() - PROOF_MEMORY_MS);
  }

  /** To be called when the clock was moved, and when another issuing CA took over: what we show is of now, and under that one. */
  async renew(): Promise<void> {
    await this.#renewCertificates();
    await this.#renewLists();
  }

  /** Each list is on the shelf and far from its end, whether somebody asks for it or not. */
  async #renewLists(): Promise<void> {
    try {
      await this.#parts.lists.freshen();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // The clock stands outside the issuing CA's life: there is no list then, and whoever asks is told so.
      this.#parts.log.warn({ event: 'revocation-list-not-renewed', code: error.code });
    }
  }

  /** Reissues our own certificates where that is due, as it may be when the clock was moved. */
  async #renewCertificates(): Promise<void> {
    const { own, log } = this.#parts;
    const reissued = await own.maintain();
    if (reissued.length > 0) log.info({ event: 'own-certificates-reissued', reissued });
    if (reissued.includes('trusted-service-tls')) this.onTlsChange(own.tlsIdentity());
  }
}
