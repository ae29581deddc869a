/**
 * Has the witness, the Trusted Service, cosign our checkpoints: it does so for one history of each house alone. Asked in
 * the background, and nobody who bids ever waits for it.
 */
import { ProtocolError } from '../../shared/errors.ts';
import { verifyCosignature } from '../../shared/journal/checkpoint.ts';
import { encodePath } from '../../shared/journal/receipt.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import type { Cosignature, WitnessedAnswer, WitnessRequest } from '../../shared/wire/log.ts';
import type { HouseId } from '../../shared/wire/vocabulary.ts';
import type { CheckpointDesk, Signed } from './checkpoint-desk.ts';
import type { PublicLog } from './public-log.ts';

export interface WitnessDeskParts {
  readonly house: { readonly house: HouseId; readonly log: PublicLog };
  readonly checkpoints: Pick<CheckpointDesk, 'latest'>;
  readonly service: {
    witnessed(house: HouseId): Promise<WitnessedAnswer>;
    cosign(request: WitnessRequest): Promise<Cosignature>;
  };
  readonly root: Certificate;
}

export interface Witnessed extends Signed {
  readonly witness: Cosignature;
}

export class WitnessDesk {
  readonly #parts: WitnessDeskParts;
  #newest: Witnessed | undefined;

  constructor(parts: WitnessDeskParts) {
    this.#parts = parts;
  }

  /** The newest checkpoint that was cosigned in this run. */
  get newest(): Witnessed | undefined {
    return this.#newest;
  }

  /**
   * Has the newest checkpoint cosigned, if it is not yet. Throws what the witness refuses ('log-inconsistent': it has seen
   * another history of this house), 'trusted-service-unreachable', and 'log-too-short' if it has seen more than we have.
   */
  async ask(): Promise<void> {
    const { house, checkpoints, service, root } = this.#parts;
    const latest = await checkpoints.latest();
    if (latest.size === (this.#newest?.size ?? 0)) return;
    // Asked each time: another node of this house may have been there since.
    const from = (await service.witnessed(house.house)).size;
    if (from > latest.size) throw new ProtocolError('log-too-short', `the witness has seen ${from} records`);
    const { checkpoint, chain, size } = latest;
    const path = encodePath(house.log.consistency(from, size));
    const witness = await service.cosign({ checkpoint, chain, from, path });
    await verifyCosignature(witness, { house: house.house, size, root: latest.root }, root);
    this.#newest = { ...latest, witness };
  }
}
