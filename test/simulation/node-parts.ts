/** The real parts of one node, and what they stand on in a simulation: said here as `dms/node.ts` says it. */
import type { AuctionHouse } from '../../dms/auction-house.ts';
import { ClosingMonitor } from '../../dms/closing-monitor.ts';
import { DisclosureDesk } from '../../dms/disclosure.ts';
import type { Handler } from '../../dms/gateway/dispatch.ts';
import { createRequestHandlers, type RequestParts } from '../../dms/gateway/request-handlers.ts';
import type { Announcer } from '../../dms/publication/announcer.ts';
import { createRetry } from '../../dms/retry.ts';
import { TrustedTime } from '../../dms/trusted-time.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { Intake } from './intake.ts';
import { NodeDoor } from './node-door.ts';
import { NodeProof } from './node-proof.ts';
import { NodeRevocations } from './node-revocations.ts';
import { CHAIN, clockOf, type Surroundings } from './surroundings.ts';
import { newUuid } from './vocabulary.ts';

/** What a node stands on before it lets anybody in. */
export interface Trust {
  readonly time: TrustedTime;
  readonly revocations: NodeRevocations;
}

export interface NodeParts extends Trust {
  readonly house: AuctionHouse;
  readonly announcer: Announcer;
  readonly monitor: ClosingMonitor;
  readonly desk: DisclosureDesk;
  readonly intake: Intake;
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly door: NodeDoor;
}

/** Time and revocation lists of the present. As `dms/foundation.ts` does, it waits for the Trusted Service as long as it takes. */
export async function learnTrust(around: Surroundings, signal: AbortSignal): Promise<Trust> {
  const { authority, random, network } = around.world;
  const time = new TrustedTime({
    service: { time: (nonce) => network.askService(around.life, () => authority.stamp(digestOfText(nonce))) },
    keyring: { verifyTime: async (token, imprint) => authority.verify(token, imprint) },
    clock: clockOf(around),
    newNonce: () => newUuid(random),
  });
  const revocations = new NodeRevocations(around, time);
  const retry = createRetry('start', around.log);
  await retry(() => time.sync(), signal);
  await retry(() => revocations.poll(), signal);
  return { time, revocations };
}

export function createParts(house: AuctionHouse, { time, revocations }: Trust, around: Surroundings): NodeParts {
  const { world, life, underWay, log, onFailure } = around;
  const { plant, authority, network } = world;
  const announcer = plant.announcer(house.position);
  const desk = new DisclosureDesk({
    ...{ house, time, log, onFailure, authority: 'authority' },
    service: { disclose: (request) => network.askService(life, () => authority.disclose(request)) },
    node: { signer: { kid: 'node', sign: async () => new Uint8Array(64) }, chain: CHAIN },
  });
  const monitor = new ClosingMonitor({
    ...{ house, time, log },
    settled: () => underWay.settled(),
    onSold: (lot) => desk.request(lot),
  });
  const proof = new NodeProof(house, time, around);
  const door = new NodeDoor(around, time, revocations);
  const intake = new Intake({ world, life, house, time, proof, revocations, clock: clockOf(around) });
  // Commands and renewals do not come through this door here: they would be cryptography.
  const handlers = createRequestHandlers({
    ...{
      house,
      announcer,
      tell: around.tell,
      limits: { takeQuestion: () => undefined, countEntry: () => undefined },
      demandEntitled: (session) => session.demandLive(...revocations.present()),
    },
  } as Partial<RequestParts> as RequestParts);
  return { house, time, announcer, monitor, desk, intake, handlers, revocations, door };
}
