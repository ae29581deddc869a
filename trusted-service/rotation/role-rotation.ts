/** Takes the steps of one role's turn. What a step does is said by two kinds: signers, and the issuing CA. */
import type { Clock } from '../../shared/time/clock.ts';
import type { RotationRole } from '../../shared/wire/key-rotation.ts';
import type { KeyRing, RotatedBy, RotatingKey } from './key-ring.ts';
import { type KeyFacts, nextStep, type RotationPolicy } from './next-step.ts';

export interface RoleRotationParts {
  readonly ring: KeyRing;
  readonly clock: Clock;
  readonly machine: Clock;
  readonly policy: RotationPolicy;
}

/** More steps than any state needs: a rule that never comes to rest is a mistake of ours. */
const MAX_STEPS = 16;

export abstract class RoleRotation {
  abstract readonly role: RotationRole;
  protected readonly parts: RoleRotationParts;

  constructor(parts: RoleRotationParts) {
    this.parts = parts;
  }

  /** Takes every step that is due. Returns whether anything changed. */
  async advance(): Promise<boolean> {
    for (let steps = 0; steps < MAX_STEPS; steps++) {
      if (!(await this.#takeStep())) return steps > 0;
    }
    throw new Error(`the rotation of ${this.role} does not come to rest`);
  }

  /** Makes and publishes the next key, unless there is one. False if that is not possible now. */
  abstract prepare(by: RotatedBy): Promise<boolean>;

  /** The next key takes over. */
  promote(next: RotatingKey, by: RotatedBy): void {
    this.parts.ring.promote(next, by);
  }

  retire(key: RotatingKey, by: RotatedBy): void {
    this.parts.ring.retire(key, by);
  }

  /** When the schedule has the next key made, on the service's clock. */
  dueAt(): number {
    const current = this.parts.ring.inState(this.role, 'current');
    return (current?.since.clock ?? 0) + this.policy().periodMs;
  }

  protected policy(): RotationPolicy {
    return this.parts.policy;
  }

  /** Whether a key could be used just now. */
  protected isUsable(_key: RotatingKey): boolean {
    return true;
  }

  async #takeStep(): Promise<boolean> {
    const { ring } = this.parts;
    const keys = ring.of(this.role);
    const step = nextStep(
      keys.map((key) => this.#factsOf(key)),
      this.policy(),
    );
    if (step === undefined) return false;
    if (step.do === 'prepare') return this.prepare('service');
    const key = keys.find(({ generation }) => generation === step.generation);
    if (key === undefined) return false;
    if (step.do === 'promote') this.promote(key, 'service');
    else this.retire(key, 'service');
    return true;
  }

  #factsOf(key: RotatingKey): KeyFacts {
    const { clock, machine } = this.parts;
    const ages = [clock.now() - key.since.clock, machine.now() - key.since.machine];
    return {
      generation: key.generation,
      state: key.state,
      atMostMs: Math.max(...ages),
      atLeastMs: Math.min(...ages),
      publishedMs: machine.monotonic() - key.publishedAt,
      isUsable: this.isUsable(key),
    };
  }
}
