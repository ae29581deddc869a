import { beforeEach, describe, expect, it } from 'vitest';
import { RevocationWatch } from '../../../dms/trust/revocation-watch.ts';
import type { Certificate } from '../../../shared/pki/certificate.ts';
import { createTestService, type TestService, unreachable } from '../../support/house.ts';
import { refusalOf } from '../../support/refusal.ts';

let service: TestService;
let watch: RevocationWatch;
let changes: number;

beforeEach(async () => {
  service = await createTestService();
  // Lists have whole seconds.
  service.clock.wall -= service.clock.wall % 1_000;
  const issuers = () => [service.authority.issuer.certificate];
  watch = new RevocationWatch({ service, issuers, clock: service.clock });
  changes = 0;
  watch.onChange(() => {
    changes += 1;
  });
});

const now = () => service.now();
const isRevoked = (serialHex: string) =>
  watch.current(now())?.isRevoked(service.authority.issuer.certificate, serialHex);

describe('revocation watch', () => {
  it('has no list before it has asked', async () => {
    expect(watch.current(now())).toBeUndefined();
    service.trouble = unreachable();
    expect(await refusalOf(watch.at(now()))).toBe('revocation-list-stale');
  });

  it('knows a revocation after the next poll, and says so', async () => {
    await watch.poll(now());
    expect([isRevoked('4a'), changes]).toEqual([false, 1]);
    service.revoke('4a');
    await watch.poll(now());
    expect([isRevoked('4a'), changes]).toEqual([true, 2]);
    await watch.poll(now());
    expect(changes).toBe(2);
  });

  it('says by another object that the lists are others, and by the same that they are not', async () => {
    await watch.poll(now());
    const first = watch.current(now());
    await watch.poll(now());
    expect(watch.current(now())).toBe(first);
    service.revoke('4a');
    await watch.poll(now());
    expect(watch.current(now())).not.toBe(first);
    // Whoever holds the former ones holds what was true then.
    expect(first?.isRevoked(service.authority.issuer.certificate, '4a')).toBe(false);
  });

  it.each([
    [-1, true],
    [0, false],
  ])('%i ms after the end of the list it is usable: %s', async (past, isUsable) => {
    await watch.poll(now());
    service.trouble = unreachable();
    service.clock.advance(service.listLifeMs + past);
    expect(watch.current(now()) !== undefined).toBe(isUsable);
    expect(await refusalOf(watch.at(now()))).toBe(isUsable ? undefined : 'revocation-list-stale');
  });

  it('is not usable after the clock was set to before it', async () => {
    await watch.poll(now());
    service.setTime(now() - 3_600_000);
    expect(watch.current(now())).toBeUndefined();
  });

  it('fetches the list of the present at once after a jump of the clock', async () => {
    await watch.poll(now());
    service.clock.advance(1_000);
    service.setTime(now() + 30 * 24 * 3_600_000);
    await watch.at(now());
    expect(watch.current(now())).toBeDefined();
  });

  it('asks a quarter of a second apart at most while there is no good list', async () => {
    service.trouble = unreachable();
    for (let count = 0; count < 20; count += 1) await refusalOf(watch.at(now()));
    expect(service.calls.revocationList).toBe(1);
    service.clock.advance(250);
    await refusalOf(watch.at(now()));
    expect(service.calls.revocationList).toBe(2);
  });

  it('refuses the list of another authority and keeps the one it has', async () => {
    await watch.poll(now());
    const stranger = await createTestService(service.clock);
    stranger.listNumber = 77;
    const misled = new RevocationWatch({
      service: stranger,
      issuers: () => [service.authority.issuer.certificate],
      clock: service.clock,
    });
    expect(await refusalOf(misled.poll(now()))).toBe('revocation-list-invalid');
    expect(misled.current(now())).toBeUndefined();
  });

  describe('with two issuing CAs', () => {
    let other: TestService;
    let both: RevocationWatch;
    let issuers: Certificate[];
    /** Whose list does not come. */
    let missing: TestService | undefined;
    const certificateOf = ({ authority }: TestService) => authority.issuer.certificate;

    beforeEach(async () => {
      other = await createTestService(service.clock);
      missing = undefined;
      issuers = [certificateOf(service), certificateOf(other)];
      const revocationList = (etag: string | undefined, issuer: Certificate) => {
        const asked = issuer.sha256 === certificateOf(service).sha256 ? service : other;
        return asked === missing ? Promise.reject(unreachable()) : asked.revocationList(etag);
      };
      both = new RevocationWatch({ service: { revocationList }, issuers: () => issuers, clock: service.clock });
    });

    it('asks each for its own list', async () => {
      other.revoke('4b');
      await both.poll(now());
      const lists = both.current(now());
      expect(lists?.isRevoked(certificateOf(other), '4b')).toBe(true);
      expect(lists?.isRevoked(certificateOf(service), '4b')).toBe(false);
    });

    it('has no list at all when that of one has ended', async () => {
      other.listLifeMs = 60_000;
      await both.poll(now());
      missing = other;
      service.clock.advance(60_000);
      expect(await refusalOf(both.poll(now()))).toBe('trusted-service-unreachable');
      expect(both.current(now())).toBeUndefined();
      expect(await refusalOf(both.at(now()))).toBe('revocation-list-stale');
    });

    it('says nothing about a newcomer whose list was never there, and serves the others', async () => {
      missing = other;
      expect(await refusalOf(both.poll(now()))).toBe('trusted-service-unreachable');
      const lists = both.current(now());
      expect(lists?.isRevoked(certificateOf(service), '4a')).toBe(false);
      expect(() => lists?.isRevoked(certificateOf(other), '4a')).toThrow('revocation-list-invalid');
      missing = undefined;
      service.clock.advance(1_000);
      expect((await both.at(now())).isRevoked(certificateOf(other), '4a')).toBe(false);
    });

    it('serves all who come with a newcomer while a poll is under way that began without it', async () => {
      issuers = [certificateOf(service)];
      await both.poll(now());
      const before = both.poll(now());
      issuers = [certificateOf(service), certificateOf(other)];
      const ask = async () => (await both.at(now())).isRevoked(certificateOf(other), '4a');
      expect(await Promise.all([ask(), ask(), ask()])).toEqual([false, false, false]);
      await before;
    });

    it('asks no more for one that left, or is dead', async () => {
      await both.poll(now());
      missing = other;
      issuers = [certificateOf(service)];
      await both.poll(now());
      service.clock.advance(HOUR_MS);
      await both.poll(now());
      expect(both.current(now())).toBeDefined();
    });
  });
});

const HOUR_MS = 3_600_000;
