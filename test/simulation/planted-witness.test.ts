/** Bugs in how the witness is asked and what is made of its word, planted one at a time, as in `planted-bugs.test.ts`. */
import { vi } from 'vitest';
import type { ReceiptDesk } from '../../dms/proof/receipt-desk.ts';
import type { WitnessDeskParts, Witnessed } from '../../dms/proof/witness-desk.ts';
import { findEach } from './first-finding.ts';
import { insteadOf } from './plant.ts';

const planted = vi.hoisted(() => ({ bug: '' }));
const isPlanted = (bug: string) => planted.bug === bug;

vi.mock('../../shared/journal/checkpoint.ts', async (load) => {
  const real = await load<typeof import('../../shared/journal/checkpoint.ts')>();
  const verifyCosignature: typeof real.verifyCosignature = async (given, checkpoint, root) =>
    isPlanted('a word that nobody looks at') ? (0 as never) : real.verifyCosignature(given, checkpoint, root);
  return { ...real, verifyCosignature };
});

vi.mock('../../dms/proof/witness-desk.ts', async (load) => {
  const real = await load<typeof import('../../dms/proof/witness-desk.ts')>();
  class WrongDesk extends real.WitnessDesk {
    #first: Witnessed | undefined;

    constructor(parts: WitnessDeskParts) {
      let asked: ReturnType<WitnessDeskParts['service']['witnessed']> | undefined;
      const witnessed: WitnessDeskParts['service']['witnessed'] = (house) => {
        asked ??= parts.service.witnessed(house);
        return asked;
      };
      const isOnce = isPlanted('what was seen is asked once');
      super(isOnce ? { ...parts, service: insteadOf(parts.service, { witnessed }) } : parts);
    }

    override get newest(): Witnessed | undefined {
      const { newest } = { newest: super.newest };
      this.#first ??= newest;
      const isKept = isPlanted('the first word for every checkpoint') && newest && this.#first;
      return isKept ? { ...newest, witness: this.#first!.witness } : newest;
    }
  }
  return { ...real, WitnessDesk: WrongDesk };
});

vi.mock('../../dms/proof/receipt-desk.ts', async (load) => {
  const real = await load<typeof import('../../dms/proof/receipt-desk.ts')>();
  class HastyDesk extends real.ReceiptDesk {
    readonly #witnessed: () => Witnessed | undefined;

    constructor(parts: ConstructorParameters<typeof real.ReceiptDesk>[0]) {
      super(parts);
      this.#witnessed = parts.witnessed;
    }

    override async receipt(...asked: Parameters<ReceiptDesk['receipt']>): ReturnType<ReceiptDesk['receipt']> {
      const receipt = await super.receipt(...asked);
      const cosigned = isPlanted('a word for what the witness has not seen') ? this.#witnessed() : undefined;
      return cosigned === undefined ? receipt : { ...receipt, witness: cosigned.witness };
    }
  }
  return { ...real, ReceiptDesk: HastyDesk };
});

findEach(planted, [
  { bug: 'a word that nobody looks at', rule: /bears the word of the witness on its checkpoint/ },
  { bug: 'the first word for every checkpoint', rule: /bears the word of the witness on its checkpoint/ },
  { bug: 'a word for what the witness has not seen', rule: /bears the word of the witness on its checkpoint/ },
  { bug: 'what was seen is asked once', rule: /everything comes to its end/ },
]);
