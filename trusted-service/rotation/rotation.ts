/** Rotation of the authority's keys: by schedule, and by the operator's command. One thing at a time. */
import type { Logger } from 'pino';
import { ProtocolError } from '../../shared/errors.ts';
import { invariant } from '../../shared/invariant.ts';
import type { RotateRequest, RotationRole, RotationState } from '../../shared/wire/key-rotation.ts';
import { Instant } from '../../shared/wire/vocabulary.ts';
import type { IssuerRotation } from './issuer-rotation.ts';
import type { KeyRing, RotatingKey } from './key-ring.ts';
import { MAX_LAST } from './next-step.ts';
import type { RoleRotation } from './role-rotation.ts';
import type { SignerRotation } from './signer-rotation.ts';

export interface RotationParts {
  readonly ring: KeyRing;
  readonly issuers: IssuerRotation;
  readonly signers: readonly SignerRotation[];
  /** Reissues what is of an issuing CA that issues no more, and signs the lists of those in use. */
  readonly renew: () => Promise<void>;
  readonly log: Logger;
}

export class Rotation {
  readonly #parts: RotationParts;
  #work: Promise<unknown> = Promise.resolve();

  constructor(parts: RotationParts) {
    this.#parts = parts;
  }

  /** Does what the schedule says. To be called every second, and when the clock was moved. */
  advance(): Promise<void> {
    return this.#inTurn(async () => {
      const { issuers, signers } = this.#parts;
      // The issuing CA first: the others need one that is alive.
      if (await issuers.advance()) await this.#follow('issuing-ca');
      for (const signer of signers) {
        if (await signer.advance()) this.#tell(signer.role);
      }
    });
  }

  /**
   * Does what the operator asks. To ask for the same again, before the next key is in use, changes nothing.
   * @throws ProtocolError 'root-key-needed' | 'rotation-too-soon' | 'clock-out-of-certificates' | 'certificate-…'
   */
  rotate(asked: RotateRequest): Promise<RotationState> {
    const { role, now = false, request = false, certificate } = asked;
    if (role !== 'issuing-ca' && (request || certificate !== undefined)) {
      throw new ProtocolError('malformed', 'request, certificate: the root certifies issuing CAs alone');
    }
    return this.#inTurn(async () => {
      const { issuers, ring } = this.#parts;
      this.#demandRoom(role);
      if (request) return this.#request();
      if (certificate === undefined) await this.#prepare(role);
      else issuers.accept(certificate, 'operator');
      if (now) this.#promote(role, ring.inState(role, 'next'));
      await this.#follow(role);
      return this.state();
    });
  }

  /** Comes back when nothing is under way. */
  async rest(): Promise<void> {
    await this.#work;
  }

  /** How the keys stand. */
  state(): RotationState {
    const { ring, issuers, signers } = this.#parts;
    const rotations: readonly RoleRotation[] = [...signers, issuers];
    const roles = rotations.map((rotation) => ({
      role: rotation.role,
      dueAt: Instant.parse(rotation.dueAt()),
      keys: ring.of(rotation.role).map(({ kid, state, since }) => ({
        kid,
        state,
        since: Instant.parse(since.clock),
        ...issuers.endOf(rotation.role, kid),
      })),
    }));
    return { rootKeyAtHand: issuers.isRootKeyAtHand, roles };
  }

  #demandRoom(role: RotationRole): void {
    const last = this.#parts.ring.of(role).filter(({ state }) => state === 'last');
    if (last.length >= MAX_LAST) throw new ProtocolError('rotation-too-soon');
  }

  async #request(): Promise<RotationState> {
    const { issuers, ring } = this.#parts;
    // Where the next one waits for its turn already, there is nothing to sign.
    if (ring.inState('issuing-ca', 'next') !== undefined) return this.state();
    const request = await issuers.request('operator');
    return { ...this.state(), request };
  }

  async #prepare(role: RotationRole): Promise<void> {
    if (!(await this.#rotationOf(role).prepare('operator'))) throw new ProtocolError('clock-out-of-certificates');
  }

  /** Without waiting until everybody knows the key. A signer's former key is believed no longer: it may be a thief's. */
  #promote(role: RotationRole, next: RotatingKey | undefined): void {
    invariant(next !== undefined, 'the next key was prepared just now');
    const rotation = this.#rotationOf(role);
    const former = this.#parts.ring.inState(role, 'current');
    rotation.promote(next, 'operator');
    const last = this.#parts.ring.of(role).find(({ kid }) => kid === former?.kid);
    if (role !== 'issuing-ca' && last !== undefined) rotation.retire(last, 'operator');
  }

  async #follow(role: RotationRole): Promise<void> {
    this.#tell(role);
    if (role === 'issuing-ca') await this.#parts.renew();
  }

  #tell(role: RotationRole): void {
    const keys = this.#parts.ring.of(role).map(({ name, state }) => `${name}: ${state}`);
    this.#parts.log.info({ event: 'keys-rotated', role, keys });
  }

  #rotationOf(wanted: RotationRole): RoleRotation {
    const { issuers, signers } = this.#parts;
    const found = [issuers, ...signers].find(({ role }) => role === wanted);
    invariant(found !== undefined, 'every role has its rotation');
    return found;
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#work.then(work);
    // Whoever asked hears of it; the next turn is another one.
    this.#work = turn.catch(() => {});
    return turn;
  }
}
