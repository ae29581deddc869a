import { beforeEach, describe, expect, it } from 'vitest';
import type { Retry } from '../../../dms/retry.ts';
import { Keyring } from '../../../dms/trust/keyring.ts';
import { learnTrust } from '../../../dms/trust/learn-trust.ts';
import { RevocationWatch } from '../../../dms/trust/revocation-watch.ts';
import { TrustedTime } from '../../../dms/trusted-time.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import { createTestService, randomText32, type TestService, unreachable } from '../../support/house.ts';

const MINUTE_MS = 60_000;
const STEP_MS = 30 * MINUTE_MS;
const ATTEMPTS = 5;

let service: TestService;
let refused: string[];
let whenRefused: () => void;

beforeEach(async () => {
  service = await createTestService();
  service.listLifeMs = 5 * MINUTE_MS;
  refused = [];
  whenRefused = () => {};
});

/** Up to five attempts, one at once after the other. */
const retry: Retry = async (attempt) => {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      refused.push(error.code);
      if (refused.length === ATTEMPTS) throw error;
      whenRefused();
    }
  }
};

/** What a node learns when `happens` comes between its first question of this kind and the answer. */
async function learn(question: 'keySet' | 'revocationList', happens: () => void) {
  const { clock, kind, authority } = service;
  const late = { keySet: () => {}, revocationList: () => {}, [question]: happens };
  const meanwhile = (asked: 'keySet' | 'revocationList') => {
    late[asked]();
    late[asked] = () => {};
  };
  const asked = {
    time: (nonce: string) => service.time(nonce),
    // The signed time itself needs keys: those are there already.
    keySet: () => {
      if (service.calls.keySet > 0) meanwhile('keySet');
      return service.keySet();
    },
    revocationList: (etag?: string) => {
      meanwhile('revocationList');
      return service.revocationList(etag);
    },
  };
  const keyring = new Keyring({ root: authority.root.certificate, service: asked, clock, clockKind: kind });
  const time = new TrustedTime({ service: asked, keyring, clock, newNonce: randomText32 });
  const revocations = new RevocationWatch({ service: asked, issuers: () => keyring.keys.issuers, clock });
  await learnTrust({ time, keyring, revocations }, retry);
  return { time, revocations };
}

describe('a node that starts', () => {
  it.each([
    ['keySet', 'forth', STEP_MS],
    ['keySet', 'back', -STEP_MS],
    ['revocationList', 'forth', STEP_MS],
    ['revocationList', 'back', -STEP_MS],
  ] as const)('learns the present, though before its %s the clock is set %s', async (question, _way, ms) => {
    const { time, revocations } = await learn(question, () => service.setTime(service.now() + ms));
    expect([time.now(), time.epoch]).toEqual([service.now(), service.epoch]);
    expect(revocations.current(service.now())).toBeDefined();
    expect(refused).toHaveLength(1);
  });

  it.each(['keySet', 'revocationList'] as const)(
    'learns the present, though before its %s the Trusted Service goes away for long',
    async (question) => {
      whenRefused = () => {
        service.trouble = undefined;
        // By now the first signed time is of no use any more.
        service.clock.advance(6 * MINUTE_MS);
      };
      const { time, revocations } = await learn(question, () => {
        service.trouble = unreachable();
      });
      expect(time.now()).toBe(service.now());
      expect(revocations.current(service.now())).toBeDefined();
      expect(refused).toEqual(['trusted-service-unreachable']);
    },
  );
});
