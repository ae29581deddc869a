/** What makes the journal of a simulated node prove itself: the real desks, as `dms/proof/proof.ts` puts them together, behind a signer that signs nothing. */
import type { AuctionHouse } from '../../dms/auction-house.ts';
import { CheckpointDesk } from '../../dms/proof/checkpoint-desk.ts';
import { ReceiptDesk, type ReceiptDeskParts } from '../../dms/proof/receipt-desk.ts';
import type { TrustedTime } from '../../dms/trusted-time.ts';
import type { JwsSigner } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { CHAIN, type Surroundings } from './surroundings.ts';

/** How long after a receipt the witness is shown what is new. */
const WITNESS_MS = 1_000;

export class NodeProof {
  readonly #around: Surroundings;
  readonly #checkpoints: CheckpointDesk;
  readonly #receipts: ReceiptDesk;
  #witnessed: ReturnType<ReceiptDeskParts['witnessed']>;
  #isAskPlanned = false;

  constructor(house: AuctionHouse, time: TrustedTime, around: Surroundings) {
    this.#around = around;
    this.#checkpoints = new CheckpointDesk({ house, time, node: { signer: this.#signer(), chain: CHAIN } });
    this.#receipts = new ReceiptDesk({ house, checkpoints: this.#checkpoints, witnessed: () => this.#witnessed });
  }

  receipt(...asked: Parameters<ReceiptDesk['receipt']>): ReturnType<ReceiptDesk['receipt']> {
    this.#askSoon();
    return this.#receipts.receipt(...asked);
  }

  /** The auditor hears what is signed. A signature takes its time, and never comes from who died meanwhile. */
  #signer(): JwsSigner {
    const { world, life } = this.#around;
    const sign = async (bytes: Uint8Array) => {
      world.auditor.proofs.signed(life.name, bytes);
      if (world.random.chance(0.5)) await world.scheduler.sleep(world.random.below(4));
      if (!life.isAlive) await new Promise(() => undefined);
      return new Uint8Array(64);
    };
    return { kid: 'node', sign };
  }

  #askSoon(): void {
    if (this.#isAskPlanned) return;
    this.#isAskPlanned = true;
    this.#around.world.scheduler.after(WITNESS_MS, () => {
      this.#isAskPlanned = false;
      if (this.#around.life.isAlive) void this.#ask();
    });
  }

  /** What `WitnessDesk.ask` does, without its cryptography. */
  async #ask(): Promise<void> {
    const { world, life, onFailure } = this.#around;
    try {
      const latest = await this.#checkpoints.latest();
      const witness = await world.network.askService(life, () => world.authority.cosign());
      this.#witnessed = { ...latest, witness };
    } catch (error) {
      // Without a witness or a time the next one is asked for.
      if (!(error instanceof ProtocolError)) onFailure(error);
    }
  }
}
