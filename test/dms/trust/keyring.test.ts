import { beforeEach, describe, expect, it } from 'vitest';
import { Keyring } from '../../../dms/trust/keyring.ts';
import { digestOfText } from '../../../shared/crypto/digest.ts';
import { createTestService, type TestService } from '../../support/house.ts';
import { codeThrownBy, refusalOf } from '../../support/refusal.ts';

const IMPRINT = digestOfText('a statement');
const DAY_MS = 24 * 3_600_000;

let service: TestService;
let keyring: Keyring;

beforeEach(async () => {
  service = await createTestService();
  keyring = new Keyring({
    root: service.authority.root.certificate,
    service,
    clock: service.clock,
    clockKind: service.kind,
  });
});

describe('keyring', () => {
  it('knows no key before it has asked', () => {
    expect(codeThrownBy(() => keyring.keys)).toBe('trusted-service-unreachable');
  });

  it('verifies a stamp of the authority', async () => {
    await keyring.refresh(service.now());
    const stamp = await keyring.verifyTimestamp(await service.stamp(IMPRINT), IMPRINT, service.now());
    expect(stamp.at).toBe(service.now());
  });

  it('finds a signer that came since, by asking once more', async () => {
    await keyring.refresh(service.now());
    service.signers.timestamp = await service.authority.issue('timestamp-signer');
    service.clock.advance(2_000);
    await keyring.verifyTimestamp(await service.stamp(IMPRINT), IMPRINT, service.now());
    expect(service.calls.keySet).toBe(2);
  });

  it('asks about unknown keys every two seconds at most', async () => {
    await keyring.refresh(service.now());
    const stranger = await createTestService(service.clock);
    const token = await stranger.stamp(IMPRINT, { iss: service.name });
    for (let count = 0; count < 50; count += 1) {
      expect(await refusalOf(keyring.verifyTimestamp(token, IMPRINT, service.now()))).toBe('timestamp-invalid');
    }
    expect(service.calls.keySet).toBe(1);
    service.clock.advance(2_000);
    expect(await refusalOf(keyring.verifyTimestamp(token, IMPRINT, service.now()))).toBe('timestamp-invalid');
    expect(service.calls.keySet).toBe(2);
  });

  it('drops a key that was withdrawn', async () => {
    await keyring.refresh(service.now());
    const token = await service.stamp(IMPRINT);
    await keyring.verifyTimestamp(token, IMPRINT, service.now());
    service.signers.timestamp = await service.authority.issue('timestamp-signer');
    await keyring.refresh(service.now());
    expect(await refusalOf(keyring.verifyTimestamp(token, IMPRINT, service.now()))).toBe('timestamp-invalid');
  });

  it.each(['token-signer', 'participant', 'dms-node'] as const)(
    'believes no time that a %s signed',
    async (profile) => {
      const honest = service.signers.timestamp;
      service.signers.timestamp = await service.authority.issue(profile);
      const token = await service.stamp(IMPRINT);
      expect(await refusalOf(keyring.verifyTime(token, IMPRINT))).toMatch(/^(key-set|timestamp)-invalid$/);
      service.signers.timestamp = honest;
    },
  );

  it('judges the signer of the first signed time at that time itself', async () => {
    service.setTime(service.now() + 30 * DAY_MS);
    const now = service.now();
    const span = { notBefore: now - DAY_MS, notAfter: now + DAY_MS };
    service.signers.timestamp = await service.authority.issue('timestamp-signer', span);
    expect((await keyring.verifyTime(await service.stamp(IMPRINT), IMPRINT)).at).toBe(now);
  });

  it('believes no signed time outside the life of its signer', async () => {
    service.setTime(service.now() + 30 * DAY_MS);
    expect(await refusalOf(keyring.verifyTime(await service.stamp(IMPRINT), IMPRINT))).toBe('key-set-invalid');
  });

  it.each(['', 'no.jws', '..', 'bnVsbA.e30.AA', `${'e30'}.e30.AA`])('refuses %j for a batch', async (batch) => {
    await keyring.refresh(service.now());
    const token = { ...(await service.stamp(IMPRINT)), batch: batch as never };
    expect(await refusalOf(keyring.verifyTimestamp(token, IMPRINT, service.now()))).toBe('timestamp-invalid');
  });
});
