import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeyState } from '../../../shared/wire/key-rotation.ts';
import { type KeyFacts, MAX_LAST, nextStep, type RotationPolicy } from '../../../trusted-service/rotation/next-step.ts';

const POLICY: RotationPolicy = { publicationMs: 600, periodMs: 30_000, afterlifeMs: 1_200 };

interface ModelKey {
  readonly generation: number;
  state: KeyState;
  sinceClock: number;
  sinceMachine: number;
  published: number;
  hasPrivateKey: boolean;
  /** The last instants, on both clocks, at which it signed. */
  signed?: { clock: number; machine: number };
}

interface Happening {
  readonly what: 'pass' | 'travel' | 'restart' | 'root';
  readonly ms: number;
}

/** The keys of one role, and everything that can happen to them. */
class Model {
  clock = 1_000_000;
  machine = 1_000_000;
  monotonic = 0;
  canPrepare = true;
  prepared = 0;
  keys: ModelKey[] = [this.#make('current')];

  #make(state: KeyState): ModelKey {
    const generation = (this.keys?.length ?? 0) + 1;
    return {
      generation,
      state,
      sinceClock: this.clock,
      sinceMachine: this.machine,
      published: this.monotonic,
      hasPrivateKey: true,
    };
  }

  inState(state: KeyState): ModelKey[] {
    return this.keys.filter((key) => key.state === state);
  }

  facts(): KeyFacts[] {
    return this.keys
      .filter(({ state }) => state !== 'retired')
      .map(({ generation, state, sinceClock, sinceMachine, published }) => {
        const ages = [this.clock - sinceClock, this.machine - sinceMachine];
        return {
          generation,
          state,
          atMostMs: Math.max(...ages),
          atLeastMs: Math.min(...ages),
          publishedMs: this.monotonic - published,
          isUsable: true,
        };
      });
  }

  suffer({ what, ms }: Happening): void {
    if (what === 'pass') this.pass(ms);
    else if (what === 'travel') this.clock += ms;
    else if (what === 'root') this.canPrepare = ms === 1;
    // Another process publishes from now on only.
    else for (const key of this.keys) key.published = this.monotonic;
  }

  pass(ms: number): void {
    this.clock += ms;
    this.machine += ms;
    this.monotonic += ms;
  }

  check(): void {
    expect(this.inState('current')).toHaveLength(1);
    expect(this.inState('next').length).toBeLessThanOrEqual(1);
    expect(this.inState('last').length).toBeLessThanOrEqual(MAX_LAST);
    const secret = this.keys.filter(({ hasPrivateKey }) => hasPrivateKey);
    expect(secret.every(({ state }) => state === 'current' || state === 'next')).toBe(true);
  }

  /** Takes all steps that are due. */
  settle(): void {
    for (let steps = 0; steps < 50; steps++) {
      const step = nextStep(this.facts(), POLICY);
      if (step === undefined) return;
      if (step.do === 'prepare') {
        if (!this.canPrepare) return;
        this.prepared += 1;
        this.keys.push(this.#make('next'));
        continue;
      }
      const key = this.keys.find(({ generation }) => generation === step.generation)!;
      if (step.do === 'retire') this.#retire(key);
      else this.#promote(key);
    }
    throw new Error('it does not come to rest');
  }

  sign(): void {
    for (const key of this.inState('current')) {
      expect(key.hasPrivateKey).toBe(true);
      key.signed = { clock: this.clock, machine: this.machine };
    }
  }

  #promote(key: ModelKey): void {
    expect(key.state).toBe('next');
    expect(this.monotonic - key.published, 'published for long enough').toBeGreaterThanOrEqual(POLICY.publicationMs);
    for (const former of this.inState('current')) this.#move(former, 'last', false);
    this.#move(key, 'current', true);
  }

  #retire(key: ModelKey): void {
    expect(key.state).toBe('last');
    const isOneTooMany = this.inState('last').length > MAX_LAST;
    const { clock, machine } = key.signed ?? { clock: Number.NEGATIVE_INFINITY, machine: Number.NEGATIVE_INFINITY };
    const isOver = Math.min(this.clock - clock, this.machine - machine) >= POLICY.afterlifeMs;
    expect(isOver || isOneTooMany, 'nothing lives that it signed').toBe(true);
    this.#move(key, 'retired', false);
  }

  #move(key: ModelKey, state: KeyState, hasPrivateKey: boolean): void {
    Object.assign(key, { state, hasPrivateKey, sinceClock: this.clock, sinceMachine: this.machine });
  }
}

const happenings = fc.oneof(
  fc.record({ what: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
  fc.record({ what: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 1_000 }) }),
  fc.record({ what: fc.constant('travel' as const), ms: fc.integer({ min: -10_000_000, max: 10_000_000 }) }),
  fc.constant({ what: 'restart' as const, ms: 0 }),
  fc.record({ what: fc.constant('root' as const), ms: fc.integer({ min: 0, max: 1 }) }),
);

describe('the turn of a key', () => {
  it('has one key in use, at most one to come, and none that is believed too short or too long', () => {
    fc.assert(
      fc.property(fc.array(happenings, { maxLength: 60 }), (story) => {
        const model = new Model();
        for (const happening of story) {
          model.suffer(happening);
          model.settle();
          model.sign();
          model.check();
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('is taken once for a journey of any length', () => {
    fc.assert(
      fc.property(fc.integer({ min: POLICY.periodMs, max: 1e12 }), (ms) => {
        const model = new Model();
        model.clock += ms;
        for (let second = 0; second < 20; second++) {
          model.settle();
          model.pass(1_000);
        }
        expect([model.prepared, model.inState('current')[0]!.generation]).toEqual([1, 2]);
      }),
    );
  });

  const key = (state: KeyState, changes: Partial<KeyFacts> = {}): KeyFacts => ({
    generation: 1,
    state,
    atMostMs: 0,
    atLeastMs: 0,
    publishedMs: 0,
    isUsable: true,
    ...changes,
  });

  it.each<[string, KeyFacts[], object | undefined]>([
    ['nothing, while it is young', [key('current', { atMostMs: 29_999 })], undefined],
    ['the next is made at the end of its time', [key('current', { atMostMs: 30_000 })], { do: 'prepare' }],
    [
      'a key that waits for its certificate is no next one',
      [key('current', { isUsable: false }), key('wanted', { generation: 2 })],
      { do: 'prepare' },
    ],
    ['not used a moment too early', [key('current'), key('next', { generation: 2, publishedMs: 599 })], undefined],
    ['used', [key('current'), key('next', { generation: 2, publishedMs: 600 })], { do: 'promote', generation: 2 }],
    [
      'used at once where there is no other',
      [key('current', { isUsable: false }), key('next', { generation: 2 })],
      { do: 'promote', generation: 2 },
    ],
    [
      'never used where it is of no use itself',
      [key('current'), key('next', { generation: 2, publishedMs: 999, isUsable: false })],
      undefined,
    ],
    [
      'kept while a token may live',
      [key('last', { atLeastMs: 1_199, atMostMs: 9_999 }), key('current', { generation: 2 })],
      undefined,
    ],
    [
      'dropped after that',
      [key('last', { atLeastMs: 1_200 }), key('current', { generation: 2 })],
      { do: 'retire', generation: 1 },
    ],
  ])('%s', (_what, keys, step) => {
    expect(nextStep(keys, POLICY)).toEqual(step);
  });
});
