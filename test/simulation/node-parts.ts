/** The real parts of one node, and what they stand on in a simulation: said here as `dms/node.ts` says it. */
import type { AuctionHouse } from '../../dms/auction-house.ts';
import { ClosingMonitor } from '../../dms/closing-monitor.ts';
import { DisclosureDesk } from '../../dms/disclosure.ts';
import type { Handler } from '../../dms/gateway/dispatch.ts';
import { createRequestHandlers, type RequestParts } from '../../dms/gateway/request-handlers.ts';
import type { UnderWay } from '../../dms/intake/under-way.ts';
import type { Log } from '../../dms/log.ts';
import type { Announcer } from '../../dms/publication/announcer.ts';
import { TrustedTime } from '../../dms/trusted-time.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { CertificatePem } from '../../shared/wire/vocabulary.ts';
import { Intake } from './intake.ts';
import type { NodeLife } from './node-life.ts';
import { newUuid } from './vocabulary.ts';
import type { World } from './world.ts';

export interface NodeParts {
  readonly house: AuctionHouse;
  readonly time: TrustedTime;
  readonly announcer: Announcer;
  readonly monitor: ClosingMonitor;
  readonly desk: DisclosureDesk;
  readonly intake: Intake;
  readonly handlers: ReadonlyMap<string, Handler>;
}

export interface Surroundings {
  readonly world: World;
  readonly life: NodeLife;
  readonly underWay: UnderWay;
  /** Of this machine. */
  readonly monotonic: () => number;
  readonly log: Log;
  /** Sends what gathers for the next tick. */
  readonly tell: () => void;
  readonly onFailure: (error: unknown) => void;
}

const CHAIN = ['certificate of the node', 'certificate of its issuer'] as readonly string[] as readonly [
  CertificatePem,
  CertificatePem,
];

/** The operator's log, as far as the house writes into it. */
export function createLog(write: (line: string) => void): Log {
  const add = (facts: object) => write(JSON.stringify(facts));
  return { info: add, warn: add, error: add, fatal: add } as Partial<Log> as Log;
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
  const intake = new Intake({ world, life, house, time, monotonic: around.monotonic });
  // Commands, proofs and certificates do not come through this door here: they would be cryptography.
  const handlers = createRequestHandlers({
    ...{
      house,
      announcer,
      tell: around.tell,
      limits: { takeQuestion: () => undefined, countEntry: () => undefined },
      demandEntitled: () => undefined,
    },
  } as Partial<RequestParts> as RequestParts);
  return { house, time, announcer, monitor, desk, intake, handlers };
}

/** The house looks at no other clock than the trusted one. */
function clockOf({ monotonic }: Surroundings): Clock {
  const now = () => {
    throw new Error('the house asked for the time of its machine');
  };
  return { now, monotonic };
}
