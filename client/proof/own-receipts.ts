/** The receipts of a home as its owner asks for them: by lot, by command, or as what was bid in earlier runs. */
import { parseJws } from '../../shared/crypto/jws.ts';
import { verifyCheckpoint, verifyCosignature } from '../../shared/journal/checkpoint.ts';
import { verifyReceipt } from '../../shared/journal/receipt.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import { CommandStatement } from '../../shared/wire/commands.ts';
import { CheckpointClaims } from '../../shared/wire/log.ts';
import type { Amount, CommandId, HouseId, Instant, LotId, Position } from '../../shared/wire/vocabulary.ts';
import type { OwnBid } from '../store/model.ts';
import type { KeptReceipt, ProofStore } from './proof-store.ts';

/** A command of this home that the house recorded, verified again when it was asked for. */
export interface OwnReceipt {
  readonly command: CommandStatement['type'];
  readonly id: CommandId;
  readonly lot: LotId;
  /** Of a bid. */
  readonly amount?: Amount;
  readonly position: Position;
  readonly house: HouseId;
  /** The journal that a node signed, and which holds the command. */
  readonly checkpoint: { readonly size: number; readonly time: Instant; readonly root: Uint8Array };
  /** Whether a witness has cosigned a journal of this house that holds it. */
  readonly cosigned: boolean;
  readonly file: string;
}

export interface OwnReceiptsParts {
  readonly root: Certificate;
  readonly store: Pick<ProofStore, 'receipts' | 'receiptFile' | 'known'>;
}

interface Read {
  readonly kept: KeptReceipt;
  readonly claims: CommandStatement;
}

export class OwnReceipts {
  readonly #parts: OwnReceiptsParts;

  constructor(parts: OwnReceiptsParts) {
    this.#parts = parts;
  }

  /** Every recorded bid of this home, whichever house it was at. Throws `home-unreadable`. */
  async bids(): Promise<ReadonlyMap<LotId, readonly OwnBid[]>> {
    const bids = new Map<LotId, OwnBid[]>();
    for (const { kept, claims } of await this.#read()) {
      if (claims.type !== 'bid') continue;
      const { position } = kept;
      bids.set(claims.lot, [...(bids.get(claims.lot) ?? []), { position, amount: claims.amount }]);
    }
    return bids;
  }

  /**
   * Those about a lot, or of the command with this id; all without either. In the order of the journal, each verified
   * under the root. Throws `receipt-invalid` where a file is not what was kept.
   */
  async find(about?: string): Promise<OwnReceipt[]> {
    const found = (await this.#read()).filter(({ claims }) => isAbout(claims, about));
    return Promise.all(found.map((read) => this.#verified(read)));
  }

  async #read(): Promise<Read[]> {
    const receipts = await this.#parts.store.receipts();
    return receipts.map((kept) => ({
      kept,
      claims: parseJws(kept.statement, 'command+jwt', CommandStatement).claims,
    }));
  }

  async #verified({ kept, claims }: Read): Promise<OwnReceipt> {
    const { root, store } = this.#parts;
    const { statement, position, receipt, chain } = kept;
    const checkpoint = await verifyCheckpoint({ checkpoint: receipt.checkpoint, chain }, root);
    verifyReceipt(receipt, { statement, claims, position }, checkpoint);
    if (receipt.witness !== undefined) await verifyCosignature(receipt.witness, checkpoint, root);
    const { size, time, house } = checkpoint;
    return {
      command: claims.type,
      id: claims.id,
      ...aboutLot(claims),
      position,
      house,
      checkpoint: { size, time, root: checkpoint.root },
      cosigned: receipt.witness !== undefined || (await this.#witnessedSize(house)) >= position,
      file: store.receiptFile(claims.id),
    };
  }

  /** How much of a journal the witness has cosigned, as far as this home has seen: it keeps that only if both are one history. */
  async #witnessedSize(house: HouseId): Promise<number> {
    const witnessed = (await this.#parts.store.known(house))?.witnessed;
    if (witnessed === undefined) return 0;
    return parseJws(witnessed.checkpoint, 'checkpoint+jwt', CheckpointClaims).claims.size;
  }
}

function isAbout(claims: CommandStatement, about: string | undefined): boolean {
  return about === undefined || claims.id === about || aboutLot(claims).lot === about;
}

/** A listing's id is that of its lot. */
function aboutLot(claims: CommandStatement): { lot: LotId; amount?: Amount } {
  if (claims.type === 'bid') return { lot: claims.lot, amount: claims.amount };
  return { lot: claims.id as string as LotId };
}
