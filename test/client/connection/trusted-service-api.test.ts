import { beforeEach, describe, expect, it } from 'vitest';
import { remedyFor } from '../../../client/connection/recovery.ts';
import { TrustedServiceApi, type TrustedServiceCalls } from '../../../client/connection/trusted-service-api.ts';
import type { ClockStep } from '../../../client/trusted-clock.ts';
import { digestOfText } from '../../../shared/crypto/digest.ts';
import type { Instant } from '../../../shared/wire/vocabulary.ts';
import { createTestService, type TestService, unreachable } from '../../support/house.ts';
import { refusalOf } from '../../support/refusal.ts';

const HOUR_MS = 3_600_000;
const IMPRINT = digestOfText('a statement');

let service: TestService;
let api: TrustedServiceApi;
let steps: ClockStep[];
beforeEach(async () => {
  service = await createTestService();
  api = apiWith({});
  steps = [];
  api.events.on('clock', (step) => steps.push(step));
});

/** An api over a service that does what is changed here, and the rest as it should. */
function apiWith(changes: Partial<TrustedServiceCalls>): TrustedServiceApi {
  const calls = {
    time: (nonce) => service.time(nonce),
    timestamp: (imprint) => service.stamp(imprint),
    keySet: () => service.keySet(),
    revocationList: (etag) => service.revocationList(etag),
    close: async () => undefined,
    ...changes,
  } as TrustedServiceCalls;
  return new TrustedServiceApi(calls, service.authority.root.certificate, service.clock);
}

describe('the signed time', () => {
  it('is taken from the middle of the way there and back', async () => {
    service.travelMs = { there: 300, back: 100 };
    service.offset = 12 * HOUR_MS;
    await api.syncTime();
    // Stamped after 300 of 400 ms; taken for stamped after 200.
    expect(api.clock.now()).toBe(service.now() + 100);
    expect(steps).toHaveLength(1);
  });

  it('runs on by itself, and follows a clock that was set', async () => {
    await api.syncTime();
    service.clock.advance(5_000);
    expect(api.clock.now()).toBe(service.now());
    service.setTime(service.now() + 12 * HOUR_MS);
    await api.syncTime();
    expect(api.clock.now()).toBe(service.now());
    expect(steps.map(({ byMs }) => byMs)).toEqual([0, 12 * HOUR_MS]);
  });

  it('comes with every stamp too', async () => {
    await api.syncTime();
    service.setTime(service.now() + HOUR_MS);
    await api.stamp(IMPRINT);
    expect(api.clock.now()).toBe(service.now());
  });

  it('of another nonce is not the present time', async () => {
    const old = await service.time('another-nonce-of-before');
    expect(await refusalOf(apiWith({ time: async () => old }).syncTime())).toBe('timestamp-not-for-statement');
  });

  it("of another root is nobody's", async () => {
    const stranger = await createTestService();
    const time = (nonce: string) => stranger.time(nonce);
    expect(await refusalOf(apiWith({ time }).syncTime())).toBe('timestamp-invalid');
    expect(await refusalOf(apiWith({ time, keySet: () => stranger.keySet() }).syncTime())).toBe('key-set-invalid');
  });

  it("by a key that is certified for something else is nobody's", async () => {
    service.signers.timestamp = { ...service.signers.timestamp, keys: service.signers.token.keys };
    expect(await refusalOf(api.syncTime())).toMatch(/timestamp-invalid|key-set-invalid/);
  });

  it("at which the signer was not certified is nobody's", async () => {
    service.setTime(service.now() + 400 * 24 * HOUR_MS);
    expect(await refusalOf(api.syncTime())).toBe('key-set-invalid');
    expect(api.clock.isKnown).toBe(false);
  });

  it('by a signer that came since is taken, after a look at the keys', async () => {
    await api.syncTime();
    const before = service.calls.keySet;
    await api.syncTime();
    expect(service.calls.keySet).toBe(before);
    service.signers.timestamp = await service.authority.issue('timestamp-signer');
    await api.syncTime();
    expect(service.calls.keySet).toBe(before + 1);
  });

  it('is asked for in vain where nobody answers', async () => {
    service.trouble = unreachable();
    expect(await refusalOf(api.syncTime())).toBe('trusted-service-unreachable');
  });
});

describe('a stamp', () => {
  it('is verified before it is used', async () => {
    await api.syncTime();
    const other = await service.stamp(digestOfText('another statement'));
    expect(await refusalOf(apiWith({ timestamp: async () => other }).stamp(IMPRINT))).toBe(
      'timestamp-not-for-statement',
    );
    const stranger = await createTestService();
    const forged = await stranger.stamp(IMPRINT);
    expect(await refusalOf(apiWith({ timestamp: async () => forged }).stamp(IMPRINT))).toBe('timestamp-invalid');
  });
});

describe('the revocation list', () => {
  const issuer = () => service.authority.issuer.certificate;

  it('is the present one', async () => {
    await api.syncTime();
    expect((await api.revocations(issuer())).isRevoked(issuer(), 'ab')).toBe(false);
    service.revoke('ab');
    expect((await api.revocations(issuer())).isRevoked(issuer(), 'ab')).toBe(true);
  });

  it('that we have is good until its end while nobody answers', async () => {
    await api.syncTime();
    service.trouble = unreachable();
    expect(await refusalOf(api.revocations(issuer()))).toBe('trusted-service-unreachable');
    service.trouble = undefined;
    service.revoke('ab');
    await api.revocations(issuer());
    service.trouble = unreachable();
    expect((await api.revocations(issuer())).isRevoked(issuer(), 'ab')).toBe(true);
    service.clock.advance(service.listLifeMs);
    expect(await refusalOf(api.revocations(issuer()))).toBe('revocation-list-stale');
  });

  it('of a time that we do not know yet is something to wait for: the clock was set since we asked', async () => {
    await api.syncTime();
    service.setTime(service.now() + HOUR_MS);
    const refusal = await api.revocations(issuer()).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'revocation-list-stale', detail: 'the list is of the future' });
    expect(remedyFor(refusal)).toBe('wait');
    await api.syncTime();
    expect((await api.revocations(issuer())).isRevoked(issuer(), 'ab')).toBe(false);
  });
});

describe('the keys', () => {
  it('are fetched again only for a kid that is not among them', async () => {
    await api.syncTime();
    const { subject } = service.signers.token.certificate;
    expect((await api.keysWith(subject)).token.has(subject)).toBe(true);
    expect(service.calls.keySet).toBe(1);
    expect((await api.keysWith('unknown')).token.has('unknown')).toBe(false);
    expect(service.calls.keySet).toBe(2);
    expect(api.clock.now()).toBe(service.now() as Instant);
  });
});
