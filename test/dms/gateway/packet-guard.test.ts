import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_RATES, RateLimits } from '../../../dms/admission/rate-limits.ts';
import { MOST_IN_A_TURN, PacketGuard } from '../../../dms/gateway/packet-guard.ts';
import { Reading } from '../../../dms/gateway/reading.ts';
import type { Subject } from '../../../shared/wire/vocabulary.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

const ALICE = 'alice' as Subject;
let clock: ManualClock;
let turns: (() => void)[];
let guard: PacketGuard;
let limits: RateLimits;

function connection(subject: Subject | undefined) {
  return {
    subject,
    paused: 0,
    destroyed: 0,
    pause() {
      this.paused += 1;
    },
    resume() {
      this.paused -= 1;
    },
    destroy() {
      this.destroyed += 1;
    },
  };
}

const nextTurn = () => {
  for (const work of turns.splice(0)) work();
};

beforeEach(() => {
  clock = new ManualClock();
  turns = [];
  limits = new RateLimits(clock, { ...DEFAULT_RATES, packets: { perSecond: 10, burst: 20 } });
  const reading = new Reading<Subject>({
    mayRead: (subject) => limits.mayRead(subject),
    later: new ManualTimers().later,
  });
  guard = new PacketGuard({ limits, reading, nextTurn: (work) => turns.push(work) });
});

describe('packets', () => {
  it('of a stranger are few, or his connection ends', () => {
    const stranger = connection(undefined);
    const packet = guard.watch(stranger);
    for (let count = 0; count < 16; count += 1) packet();
    expect(stranger.destroyed).toBe(0);
    packet();
    expect(stranger.destroyed).toBe(1);
  });

  it('of a participant are read in small bites, and go on in the next turn', () => {
    const alice = connection(ALICE);
    const packet = guard.watch(alice);
    for (let count = 1; count < MOST_IN_A_TURN; count += 1) packet();
    nextTurn();
    for (let count = 1; count < MOST_IN_A_TURN; count += 1) packet();
    expect(alice.paused).toBe(0);
    packet();
    expect([alice.paused, alice.destroyed]).toEqual([1, 0]);
  });

  it('beyond his share are left unread, by whichever connection they come', () => {
    const all = [connection(ALICE), connection(ALICE)];
    const packets = all.map((one) => guard.watch(one));
    for (let count = 0; count < 10; count += 1) {
      for (const packet of packets) packet();
      nextTurn();
    }
    expect(all.map(({ paused }) => paused)).toEqual([0, 1]);
    packets[0]!();
    expect(all.map(({ paused, destroyed }) => [paused, destroyed])).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });

  it('of one connection have an end, even so', () => {
    const alice = connection(ALICE);
    const packet = guard.watch(alice);
    for (let count = 0; count <= DEFAULT_RATES.connectionPackets.burst; count += 1) packet();
    expect(alice.destroyed).toBe(1);
  });
});
