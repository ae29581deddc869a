/** Bugs in what a node signs and proves, planted one at a time, as in `planted-bugs.test.ts`. */
import { afterEach, vi } from 'vitest';
import type { AuctionHouse } from '../../dms/auction-house.ts';
import type { HouseState } from '../../dms/commit/house-state.ts';
import type { Entry, Journal } from '../../dms/journal/journal.ts';
import type { JournalRecord } from '../../shared/journal/record.ts';
import type { TreeHead } from '../../shared/merkle/consistency.ts';
import type { CompactJws } from '../../shared/wire/vocabulary.ts';
import { findEach } from './first-finding.ts';
import { insteadOf } from './plant.ts';

const planted = vi.hoisted(() => ({ bug: '' }));
const isPlanted = (bug: string) => planted.bug === bug;

/** What was decided last of each position, recorded or not: as a tree in a file of its own would keep it over a crash. */
const decidedAt = new Map<number, JournalRecord>();

vi.mock('../../dms/commit/decide-batch.ts', async (load) => {
  const real = await load<typeof import('../../dms/commit/decide-batch.ts')>();
  const decideBatch: typeof real.decideBatch = (queue, state, newSalt) => {
    const batch = real.decideBatch(queue, state, newSalt);
    const decided = batch.flatMap((judged) => judged.decided ?? []);
    for (const [index, { entry }] of decided.entries()) decidedAt.set(state.position + 1 + index, entry.record);
    return batch;
  };
  return { ...real, decideBatch };
});

vi.mock('../../dms/commit/house-state.ts', async (load) => {
  const real = await load<typeof import('../../dms/commit/house-state.ts')>();
  class TreeOfItsOwn extends real.HouseState {
    #isOpened = false;

    override async catchUp(...how: Parameters<HouseState['catchUp']>): Promise<void> {
      await super.catchUp(...how);
      this.#isOpened = true;
    }

    override apply(...[id, event, record]: Parameters<HouseState['apply']>): ReturnType<HouseState['apply']> {
      const isStale = isPlanted('a tree that keeps what was lost') && !this.#isOpened;
      return super.apply(id, event, (isStale && decidedAt.get(this.position + 1)) || record);
    }
  }
  return { ...real, HouseState: TreeOfItsOwn };
});

vi.mock('../../dms/proof/receipt-desk.ts', async (load) => {
  const real = await load<typeof import('../../dms/proof/receipt-desk.ts')>();
  type Desk = InstanceType<typeof real.ReceiptDesk>;
  const everybody = {};
  class WrongDesk extends real.ReceiptDesk {
    constructor(parts: ConstructorParameters<typeof real.ReceiptDesk>[0]) {
      const { log } = parts.house;
      const inclusion: typeof log.inclusion = (position) => log.inclusion(position, log.size);
      const house = insteadOf(parts.house, { log: insteadOf(log, { inclusion }) });
      super(isPlanted('a path to a later root') ? { ...parts, house } : parts);
    }

    override async receipt(...[position, reader]: Parameters<Desk['receipt']>): ReturnType<Desk['receipt']> {
      if (isPlanted('a time that is put in after signing')) {
        const receipt = await super.receipt(position, reader);
        return { ...receipt, checkpoint: aMomentLater(receipt.checkpoint) };
      }
      if (isPlanted('a receipt of the record before') && position > 1)
        return super.receipt((position - 1) as typeof position, reader);
      return super.receipt(position, isPlanted('one reader taken for another') ? everybody : reader);
    }
  }
  return { ...real, ReceiptDesk: WrongDesk };
});

function aMomentLater(checkpoint: CompactJws): CompactJws {
  const [header, payload = '', signature] = checkpoint.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const later = Buffer.from(JSON.stringify({ ...claims, time: claims.time + 1 })).toString('base64url');
  return [header, later, signature].join('.') as CompactJws;
}

/** Signs what is on its way to the disk, as if it were there. */
class HastySigner {
  #underWay: readonly Entry[] = [];

  readonly journal = (journal: Journal): Journal => {
    const append: Journal['append'] = (batch) => {
      this.#underWay = batch;
      return journal.append(batch).finally(() => {
        this.#underWay = [];
      });
    };
    return insteadOf(journal, { append });
  };

  readonly house = (house: AuctionHouse): AuctionHouse => {
    const head = (): TreeHead => {
      const { size, root } = house.log.head();
      return { size: size + this.#underWay.length, root };
    };
    return insteadOf(house, { log: insteadOf(house.log, { head }) });
  };
}

afterEach(() => decidedAt.clear());

findEach(planted, [
  { bug: 'a checkpoint before the append', rule: /covers nothing that is not durable/, plant: new HastySigner() },
  { bug: 'a tree that keeps what was lost', rule: /all checkpoints lie on one history/ },
  { bug: 'a receipt of the record before', rule: /a receipt shows the record at its position/ },
  { bug: 'a path to a later root', rule: /a receipt proves its command/ },
  { bug: 'a time that is put in after signing', rule: /a receipt is of a checkpoint that was signed/ },
  { bug: 'one reader taken for another', rule: /a receipt continues the one before it/ },
]);
