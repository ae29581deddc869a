/** The real parts of one node, and what they stand on in a simulation: said here as `dms/node.ts` says it. */
import type { AuctionHouse } from '../../dms/auction-house.ts';
import { ClosingMonitor } from '../../dms/closing-monitor.ts';
import { DisclosureDesk } from '../../dms/disclosure.ts';
import type { Handler } from '../../dms/gateway/dispatch.ts';
import { createRequestHandlers, type RequestParts } from '../../dms/gateway/request-handlers.ts';
import type { Announcer } from '../../dms/publication/announcer.ts';
import { TrustedTime } from '../../dms/trusted-time.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { Intake } from './intake.ts';
import { NodeDoor } from './node-door.ts';
import { NodeProof } from './node-proof.ts';
import { NodeRevocations } from './node-revocations.ts';
import { CHAIN, clockOf, type Surroundings } from './surroundings.ts';
import { newUuid } from './vocabulary.ts';

export interface NodeParts {
  readonly house: AuctionHouse;
  readonly time: TrustedTime;
  readonly announcer: Announcer;
  readonly monitor: ClosingMonitor;
  readonly desk: DisclosureDesk;
  readonly intake: Intake;
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly revocations: NodeRevocations;
  readonly door: NodeDoor;
}

export function createTime(around: Surroundings): TrustedTime {
  const { authority, random, network } = around.world;
  return new TrustedTime({
    service: { time: (nonce) => network.askService(around.life, () => authority.stamp(digestOfText(nonce))) },
    keyring: { verifyTime: async (token, imprint) => authority.verify(token, imprint) },
    clock: clockOf(around),
    newNonce: () => newUuid(random),
  });
}

export function createParts(house: AuctionHouse, time: TrustedTime, around: Surroundings): NodeParts {
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
  const revocations = new NodeRevocations(around, time);
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
