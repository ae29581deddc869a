/** What makes the journal of a simulated node prove itself: the real desks, of which the auditor hears what they sign and what is cosigned for them. */
import type { AuctionHouse } from '../../dms/auction-house.ts';
import { createProof, type Proof } from '../../dms/proof/proof.ts';
import type { TrustedTime } from '../../dms/trusted-time.ts';
import type { JwsSigner } from '../../shared/crypto/jws.ts';
import type { Cosignature, WitnessRequest } from '../../shared/wire/log.ts';
import { NODE, ROOT } from './issuing.ts';
import type { Surroundings } from './surroundings.ts';

export function createNodeProof(house: AuctionHouse, time: TrustedTime, around: Surroundings): Proof {
  const { life, world } = around;
  const { network, authority } = world;
  return createProof({
    ...{ house, time, keyring: { root: ROOT } },
    node: { signer: signerOf(around), chain: NODE.chain },
    service: {
      witnessed: (of) => network.askService(life, () => authority.witnessed(of)),
      cosign: (request) => network.askService(life, () => cosign(request, around)),
    },
  });
}

/** A signature takes its time, and never comes from who died meanwhile. */
function signerOf({ world, life }: Surroundings): JwsSigner {
  const sign = async (bytes: Uint8Array) => {
    const signature = await NODE.signer.sign(bytes);
    world.auditor.proofs.signed(life.name, bytes, signature);
    if (world.random.chance(0.5)) await world.scheduler.sleep(world.random.below(4));
    if (!life.isAlive) await new Promise(() => undefined);
    return signature;
  };
  return { kid: NODE.signer.kid, sign };
}

/** Now and then the answer to an earlier question comes in the place of the one to this. */
async function cosign(request: WitnessRequest, { world }: Surroundings): Promise<Cosignature> {
  const { authority, auditor, network, random } = world;
  const given = await authority.cosign(request);
  const before = auditor.proofs.cosigned(request, given);
  if (network.isCalm || before === undefined || !random.chance(0.05)) return given;
  world.noteThat('cosignatures of another checkpoint');
  return before;
}
