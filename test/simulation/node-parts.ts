/** The real parts of one node, and what they stand on in a simulation: said here as `dms/node.ts` says it. */
import type { FairTurns } from '../../dms/admission/fair-turns.ts';
import type { AuctionHouse } from '../../dms/auction-house.ts';
import { ClosingMonitor } from '../../dms/closing-monitor.ts';
import { DisclosureDesk } from '../../dms/disclosure.ts';
import type { Handler } from '../../dms/gateway/dispatch.ts';
import { createRequestHandlers, type RequestParts } from '../../dms/gateway/request-handlers.ts';
import type { IntakeParts as OpeningParts } from '../../dms/intake/open-command.ts';
import type { WitnessDesk } from '../../dms/proof/witness-desk.ts';
import type { Announcer } from '../../dms/publication/announcer.ts';
import { createRetry } from '../../dms/retry.ts';
import { Keyring } from '../../dms/trust/keyring.ts';
import { learnTrust } from '../../dms/trust/learn-trust.ts';
import { TrustedTime } from '../../dms/trusted-time.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import type { Subject } from '../../shared/wire/vocabulary.ts';
import { Intake } from './intake.ts';
import { ROOT, UNREAD_NODE } from './issuing.ts';
import { NodeDoor } from './node-door.ts';
import { createNodeProof } from './node-proof.ts';
import { NodeRevocations } from './node-revocations.ts';
import { clockOf, type Surroundings } from './surroundings.ts';
import { newUuid } from './vocabulary.ts';

/** What a node stands on before it lets anybody in. */
export interface Trust {
  readonly keyring: Keyring;
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
  readonly witness: WitnessDesk;
}

/** As `dms/foundation.ts` does, it waits for the Trusted Service as long as it takes. */
export async function layTrust(around: Surroundings, signal: AbortSignal): Promise<Trust> {
  const { authority, random, network } = around.world;
  const time = new TrustedTime({
    service: { time: (nonce) => network.askService(around.life, () => authority.stamp(digestOfText(nonce))) },
    keyring: { verifyTime: async (token, imprint) => authority.verify(token, imprint) },
    clock: clockOf(around),
    newNonce: () => newUuid(random),
  });
  const revocations = new NodeRevocations(around, time);
  const keyring = new Keyring({
    ...{ root: ROOT, clock: clockOf(around), clockKind: 'simulated' },
    service: { keySet: () => network.askService(around.life, () => authority.keySet()) },
  });
  const trust = { keyring, time, revocations };
  await learnTrust(trust, createRetry('start', around.log), signal);
  return trust;
}

export function createParts(
  house: AuctionHouse,
  { keyring, time, revocations }: Trust,
  around: Surroundings,
): NodeParts {
  const { world, life, underWay, log, onFailure } = around;
  const { plant, authority, network } = world;
  const announcer = plant.announcer(house.position);
  const desk = new DisclosureDesk({
    ...{ house, time, log, onFailure, authority: 'authority' },
    service: { disclose: (request) => network.askService(life, () => authority.disclose(request)) },
    node: UNREAD_NODE,
  });
  const monitor = new ClosingMonitor({
    ...{ house, time, log },
    settled: () => underWay.settled(),
    onSold: (lot) => desk.request(lot),
  });
  const { receipts, witness } = createNodeProof(house, time, around);
  const door = new NodeDoor(around, time, revocations);
  const intake = new Intake({ world, life, house, time, receipts, revocations, clock: clockOf(around) });
  // A token is verified in another thread, and no seed decides when: so nothing else happens meanwhile.
  const take: FairTurns<Subject>['take'] = (who, work) => intake.turns.take(who, () => world.scheduler.hold(work));
  // Commands do not come through this door here: they would be sealed.
  const handlers = createRequestHandlers({
    ...{
      house,
      announcer,
      trust: { keyring, time, revocations },
      tell: around.tell,
      limits: { takeQuestion: () => undefined, countEntry: () => undefined },
      demandEntitled: (session) => session.demandLive(...revocations.present()),
      intake: { turns: { take } } as Partial<OpeningParts> as OpeningParts,
    },
  } as Partial<RequestParts> as RequestParts);
  return { house, keyring, time, announcer, monitor, desk, intake, handlers, revocations, door, witness };
}
