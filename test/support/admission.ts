/** The DMS's view of a test service: what papers are judged by, and sessions on it. */
import { randomUUID } from 'node:crypto';
import type { Peer } from '../../dms/admission/authenticate-peer.ts';
import { authenticatePeer } from '../../dms/admission/authenticate-peer.ts';
import { Session } from '../../dms/admission/session.ts';
import { Keyring } from '../../dms/trust/keyring.ts';
import { RevocationWatch } from '../../dms/trust/revocation-watch.ts';
import { TrustedTime } from '../../dms/trusted-time.ts';
import { createJwsSigner } from '../../shared/crypto/jws.ts';
import { SessionId } from '../../shared/wire/vocabulary.ts';
import { randomText32, type TestService } from './house.ts';
import type { Participant } from './participant.ts';
import { TEST_HOUSE } from './test-authority.ts';

export interface TestAdmission {
  readonly keyring: Keyring;
  readonly time: TrustedTime;
  readonly revocations: RevocationWatch;
  /** A session of a participant whose papers are good; `ended` gathers the codes that it ended with. */
  session(participant: Participant): Promise<{ session: Session; ended: string[] }>;
  /** The same after the whole handshake. */
  admitted(participant: Participant): Promise<{ session: Session; ended: string[] }>;
}

/** Knows the service's keys, time and revocation list. */
export async function createTestAdmission(service: TestService): Promise<TestAdmission> {
  const { clock, kind } = service;
  const root = service.authority.root.certificate;
  const keyring = new Keyring({ root, service, clock, clockKind: kind });
  const time = new TrustedTime({ service, keyring, clock, newNonce: randomText32 });
  const revocations = new RevocationWatch({ service, issuers: () => keyring.keys.issuers, clock });
  await time.sync();
  await revocations.poll(time.now());
  const identity = await service.authority.issue('dms-node');
  const node = {
    signer: createJwsSigner(identity.keys),
    chain: [identity.certificate.pem, service.authority.issuer.certificate.pem],
  };
  const open = (peer: Peer) => {
    const ended: string[] = [];
    const session = new Session(peer, {
      ...{ house: TEST_HOUSE, node, clock, time, newNonce: randomText32 },
      newId: () => SessionId.parse(randomUUID()),
      onEnd: (code) => ended.push(code),
      onForget: () => {},
    });
    return { session, ended };
  };
  const trust = { keyring, time, revocations };
  const session = async (participant: Participant) => open(await authenticatePeer(await participant.auth(), trust));
  return {
    ...trust,
    session,
    admitted: async (participant) => {
      const opened = await session(participant);
      const { offer } = await opened.session.hello({ nonce: randomText32() });
      await opened.session.prove({ proof: await participant.prove(offer) });
      return opened;
    },
  };
}
