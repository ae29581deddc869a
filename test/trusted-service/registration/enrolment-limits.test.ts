import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../../shared/errors.ts';
import { EnrolmentLimits } from '../../../trusted-service/registration/enrolment-limits.ts';
import { TestMachine } from '../test-service.ts';

const HOUR_MS = 3_600_000;

function setUp(perAddress: number, inTotal: number) {
  const machine = new TestMachine(0);
  const limits = new EnrolmentLimits({ perAddress, inTotal, clock: machine });
  /** After how long to come back; 0: it may enrol now. */
  const wait = (address: string): number => {
    try {
      limits.take(address);
      return 0;
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.code !== 'too-many-requests') throw error;
      return error.retryAfterMs!;
    }
  };
  return { machine, limits, wait };
}

describe('the limits of enrolment', () => {
  it('hold for each address, and say when to come back', () => {
    const { machine, wait } = setUp(2, 100);
    expect(wait('192.0.2.1')).toBe(0);
    machine.time = 1_000;
    expect([wait('192.0.2.1'), wait('192.0.2.1'), wait('192.0.2.2')]).toEqual([0, HOUR_MS - 1_000, 0]);
    machine.time = HOUR_MS - 1;
    expect(wait('192.0.2.1')).toBe(1);
    machine.time = HOUR_MS;
    expect([wait('192.0.2.1'), wait('192.0.2.1')]).toEqual([0, 1_000]);
  });

  it('take an IPv6 network for one address', () => {
    const { wait } = setUp(1, 100);
    expect([wait('2001:db8::1'), wait('2001:db8::2'), wait('2001:db8:0:1::1')]).toEqual([0, HOUR_MS, 0]);
  });

  it('hold for all addresses together, without what failed', () => {
    const { limits, wait } = setUp(10, 2);
    const giveBack = limits.take('192.0.2.1');
    expect([wait('192.0.2.2'), wait('192.0.2.3')]).toEqual([0, HOUR_MS]);
    giveBack();
    giveBack();
    expect([wait('192.0.2.3'), wait('192.0.2.4')]).toEqual([0, HOUR_MS]);
  });

  it('of 0 let nobody in', () => {
    expect(setUp(0, 9).wait('192.0.2.1')).toBe(HOUR_MS);
    expect(setUp(9, 0).wait('192.0.2.1')).toBe(HOUR_MS);
  });

  it('never let more than the limit through in any hour, and lock nobody out longer than they say', () => {
    const step = fc.record({ after: fc.nat(HOUR_MS / 2), from: fc.nat(2) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (steps, perAddress) => {
        const { machine, wait } = setUp(perAddress, 6);
        const admitted: { at: number; from: number }[] = [];
        for (const { after, from } of steps) {
          machine.time += after;
          const at = machine.time;
          const lastHour = admitted.filter((other) => other.at > at - HOUR_MS);
          const ofThis = lastHour.filter((other) => other.from === from);
          const free = lastHour.length < 6 && ofThis.length < perAddress;
          const told = wait(`192.0.2.${from}`);
          expect(told === 0).toBe(free);
          if (free) admitted.push({ at, from });
          else expect(told).toBeLessThanOrEqual(HOUR_MS);
        }
      }),
    );
  });

  it('forget the address that was quiet longest when there are too many', () => {
    const { wait } = setUp(1, 1e9);
    for (let n = 0; n <= 10_000; n++) wait(`10.0.${n >> 8}.${n & 255}`);
    expect(wait('10.0.0.1')).toBe(HOUR_MS);
    expect(wait('10.0.0.0')).toBe(0);
  });
});
