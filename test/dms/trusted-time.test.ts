import { beforeEach, describe, expect, it } from 'vitest';
import { Keyring } from '../../dms/trust/keyring.ts';
import { TrustedTime } from '../../dms/trusted-time.ts';
import type { Stamp } from '../../shared/timestamp/timestamp-token.ts';
import { createTestService, randomText32, type TestService, unreachable } from '../support/house.ts';
import { codeThrownBy, refusalOf } from '../support/refusal.ts';

const MINUTE_MS = 60_000;

let service: TestService;
let time: TrustedTime;

beforeEach(async () => {
  service = await createTestService();
  const { clock, kind } = service;
  const keyring = new Keyring({ root: service.authority.root.certificate, service, clock, clockKind: kind });
  time = new TrustedTime({ service, keyring, clock, newNonce: randomText32 });
});

function stamp(changes: Partial<Stamp>): Stamp {
  return { at: service.now(), serial: 1, epoch: service.epoch, clock: 'real', ...changes } as Stamp;
}

describe('trusted time', () => {
  it('is unknown before the first signed time', () => {
    expect(time.isKnown).toBe(false);
    expect(codeThrownBy(() => time.now())).toBe('trusted-time-unavailable');
  });

  it('is the signed time, carried on by the monotonic clock and not by the wall clock', async () => {
    service.setTime(service.clock.now() + 86_400_000);
    await time.sync();
    expect(time.now()).toBe(service.now());
    const before = time.now();
    service.clock.mono += 1_234;
    service.clock.wall -= 5_000_000;
    expect(time.now()).toBe(before + 1_234);
  });

  it('takes half of the way for the moment of the signature', async () => {
    service.travelMs = { there: 100, back: 100 };
    await time.sync();
    expect(time.now()).toBe(service.now());
    service.travelMs = { there: 0, back: 0 };
  });

  it.each([
    [2_000, undefined],
    [2_001, 'trusted-time-unavailable'],
  ])('an answer after %i ms: %s', async (back, code) => {
    service.travelMs = { there: 0, back };
    expect(await refusalOf(time.sync())).toBe(code);
    expect(time.isKnown).toBe(code === undefined);
  });

  it('brings the bounds of several answers together', async () => {
    service.travelMs = { there: 0, back: 400 };
    await time.sync();
    // Half of the way was wrong by 200 ms.
    expect(time.now() - service.now()).toBe(-200);
    service.travelMs = { there: 400, back: 0 };
    await time.sync();
    // The first answer came at once after the signature, the second question just before it: together exact.
    expect(Math.abs(time.now() - service.now())).toBeLessThanOrEqual(1);
  });

  it.each([
    [5 * MINUTE_MS, true],
    [5 * MINUTE_MS + 1, false],
  ])('%i ms after the last signed time it is known: %s', async (age, isKnown) => {
    await time.sync();
    service.clock.advance(age);
    expect(time.isKnown).toBe(isKnown);
    expect(codeThrownBy(() => time.now())).toBe(isKnown ? undefined : 'trusted-time-unavailable');
  });

  it('is never behind a stamp of its epoch that has arrived', async () => {
    service.travelMs = { there: 0, back: 2_000 };
    await time.sync();
    expect(time.now()).toBeLessThan(service.now());
    time.observe(stamp({}), service.clock.monotonic());
    expect(time.now()).toBe(service.now());
  });

  it('learns nothing from a stamp of another epoch', async () => {
    await time.sync();
    const before = time.now();
    time.observe(stamp({ epoch: service.epoch - 1, at: (before + 60_000) as never }), service.clock.monotonic());
    time.observe(stamp({ epoch: service.epoch + 1, at: (before + 60_000) as never }), service.clock.monotonic());
    expect(time.now()).toBe(before);
  });

  it('follows the clock in both directions when it is set, and says so', async () => {
    await time.sync();
    let changes = 0;
    const stop = time.onChange(() => {
      changes += 1;
    });
    for (const jump of [86_400_000, -2 * 86_400_000]) {
      service.setTime(service.now() + jump);
      await time.sync();
      expect(time.now()).toBe(service.now());
    }
    expect(changes).toBe(2);
    await time.sync();
    expect(changes).toBe(2);
    stop();
    service.setTime(service.now() + 1_000);
    await time.sync();
    expect(changes).toBe(2);
  });

  it('does not go back to an epoch that is over', async () => {
    const old = service.epoch;
    service.setTime(service.now() + 86_400_000);
    await time.sync();
    const now = time.now();
    service.epoch = old;
    service.offset = 0;
    await time.sync();
    expect(time.now()).toBe(now);
  });

  it('reaches a newer epoch by asking', async () => {
    await time.sync();
    service.setTime(service.now() + 86_400_000);
    await time.reach(service.epoch);
    expect(time.epoch).toBe(service.epoch);
    expect(await refusalOf(time.reach(service.epoch + 1))).toBe('trusted-time-unavailable');
  });

  it('refuses to reach a newer epoch while nobody answers', async () => {
    await time.sync();
    service.trouble = unreachable();
    expect(await refusalOf(time.reach(service.epoch + 1))).toBe('trusted-time-unavailable');
  });

  it('shares one question among callers at the same time', async () => {
    await Promise.all([time.sync(), time.sync(), time.sync()]);
    expect(service.calls.time).toBe(1);
  });

  it('refuses the signed time of another kind of clock', async () => {
    service.kind = 'simulated';
    expect(await refusalOf(time.sync())).toBe('timestamp-wrong-clock');
  });

  it('refuses an answer to another question', async () => {
    const [mine, other] = [randomText32(), randomText32()];
    const moved = { time: () => service.time(other) };
    const keyring = new Keyring({
      root: service.authority.root.certificate,
      service,
      clock: service.clock,
      clockKind: 'real',
    });
    const misled = new TrustedTime({ service: moved, keyring, clock: service.clock, newNonce: () => mine });
    expect(await refusalOf(misled.sync())).toBe('timestamp-not-for-statement');
  });
});
