/** The order of all timestamps of an authority, whatever happens to the machine's clock and to the process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Instant } from '../../../shared/wire/vocabulary.ts';
import { AuditJournal } from '../../../trusted-service/audit/audit-journal.ts';
import { SimulatedClock } from '../../../trusted-service/clock/simulated-clock.ts';
import { STEP_TOLERANCE_MS, TimeMonitor } from '../../../trusted-service/clock/time-monitor.ts';
import { loadStore, type Store } from '../../../trusted-service/store/store.ts';
import { type Places, takePlaces } from '../../../trusted-service/timestamp-authority/sequence.ts';
import { SerialBlocks } from '../../../trusted-service/timestamp-authority/serial-blocks.ts';
import { codeThrownBy } from '../../support/refusal.ts';
import { TestMachine } from '../test-service.ts';

const HOUR_MS = 3_600_000;

/** The timestamp authority without its signatures: what decides about time, epoch and serial, on a disk. */
class Authority {
  readonly machine = new TestMachine();
  readonly places: Places[] = [];
  readonly #kind: 'real' | 'simulated';
  readonly #folder = mkdtempSync(join(tmpdir(), 'gavel-order-'));
  #store: Store;
  clock: SimulatedClock;
  #serials: SerialBlocks;

  constructor(kind: 'real' | 'simulated') {
    this.#kind = kind;
    [this.#store, this.clock, this.#serials] = this.#load();
  }

  #load(): [Store, SimulatedClock, SerialBlocks] {
    const store = loadStore(this.#folder);
    const notBefore = Math.max(store.numbers.timeReached(), store.audit.latestAt() ?? 0);
    const monitor = new TimeMonitor(this.machine, notBefore);
    const audit = new AuditJournal(store, this.machine);
    const clock = SimulatedClock.load(this.#kind, this.machine, store.numbers, audit, monitor);
    return [store, clock, new SerialBlocks(store.numbers)];
  }

  restart(): void {
    this.#store.close();
    [this.#store, this.clock, this.#serials] = this.#load();
  }

  /** The code, where there is no timestamp. */
  stamp(): string | undefined {
    return codeThrownBy(() => this.places.push(takePlaces({ clock: this.clock, serials: this.#serials }, 1)));
  }

  end(): void {
    this.#store.close();
    rmSync(this.#folder, { recursive: true });
  }
}

const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 90_000 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('set' as const),
      ms: fc.oneof(fc.integer({ min: -60, max: 60 }), fc.integer({ min: -HOUR_MS, max: HOUR_MS })),
    }),
  },
  fc.record({ what: fc.constantFrom('restart' as const, 'confirm' as const, 'reset' as const), ms: fc.constant(0) }),
  fc.record({ what: fc.constant('travel' as const), ms: fc.integer({ min: 0, max: 4e12 }) }),
);

function happen(authority: Authority, { what, ms }: { readonly what: string; readonly ms: number }): void {
  const { machine, clock } = authority;
  if (what === 'pass') machine.time += ms;
  else if (what === 'set') machine.setByMs += ms;
  else if (what === 'restart') authority.restart();
  else if (what === 'confirm') clock.confirm(Instant.parse(machine.now()));
  else if (clock.kind === 'real') return;
  else if (what === 'travel') clock.set(Instant.parse(ms));
  else clock.reset();
}

function demandOrder(places: readonly Places[]): void {
  places.slice(1).forEach((place, index) => {
    const before = places[index]!;
    expect(place.serial).toBeGreaterThan(before.serial);
    expect(place.epoch).toBeGreaterThanOrEqual(before.epoch);
    if (place.epoch === before.epoch) expect(place.time).toBeGreaterThanOrEqual(before.time);
  });
}

describe.each(['real', 'simulated'] as const)('timestamps of a %s clock', (kind) => {
  it('are in one order of (epoch, time, serial), whatever is set, restarted and asked', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 25 }), (changes) => {
        const authority = new Authority(kind);
        try {
          for (const one of changes) {
            happen(authority, one);
            authority.stamp();
            authority.stamp();
          }
          demandOrder(authority.places);
        } finally {
          authority.end();
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('a clock that was set', () => {
  it('is believed by no start, however many there are, until it is confirmed or has caught up', () => {
    const authority = new Authority('real');
    expect(authority.stamp()).toBeUndefined();
    authority.machine.setByMs -= HOUR_MS;
    for (let start = 0; start < 3; start++) {
      expect(authority.stamp()).toBe('clock-stepped');
      authority.restart();
    }
    authority.machine.time += HOUR_MS - STEP_TOLERANCE_MS;
    expect(authority.stamp()).toBeUndefined();
    authority.machine.setByMs -= HOUR_MS;
    authority.restart();
    expect(authority.stamp()).toBe('clock-stepped');
    authority.clock.confirm(Instant.parse(authority.machine.now()));
    expect(authority.stamp()).toBeUndefined();
    authority.restart();
    expect(authority.stamp()).toBeUndefined();
    demandOrder(authority.places);
    authority.end();
  });

  it('is believed by no start that came after a time was kept, though nothing was told to the audit journal', () => {
    const authority = new Authority('real');
    authority.machine.time += HOUR_MS;
    authority.clock.keepTime();
    authority.machine.setByMs -= HOUR_MS / 2;
    authority.restart();
    expect(authority.stamp()).toBe('clock-stepped');
    authority.end();
  });

  it('is not kept as the time that it shows', () => {
    const authority = new Authority('real');
    authority.machine.setByMs += HOUR_MS;
    expect(codeThrownBy(() => authority.clock.keepTime())).toBe('clock-stepped');
    authority.machine.setByMs -= HOUR_MS;
    authority.restart();
    expect(authority.stamp()).toBeUndefined();
    authority.end();
  });

  it('is confirmed only by a time that it agrees with, and nothing is changed by confirming what is right', () => {
    const authority = new Authority('real');
    const { clock, machine } = authority;
    expect(clock.confirm(Instant.parse(machine.now())).epoch).toBe(1);
    machine.setByMs += HOUR_MS;
    expect(codeThrownBy(() => clock.confirm(Instant.parse(machine.now() - HOUR_MS)))).toBe('time-not-confirmed');
    expect(authority.stamp()).toBe('clock-stepped');
    expect(clock.confirm(Instant.parse(machine.now() - 9_000))).toMatchObject({ epoch: 2, time: machine.now() });
    authority.end();
  });
});
