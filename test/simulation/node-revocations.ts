/** The revocation list of a simulated node: fetched now and then, of no use when it is old; what `dms/trust/revocation-watch.ts` does without its signatures. */
import type { TrustedTime } from '../../dms/trusted-time.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Revocations } from '../../shared/pki/verify-certificate.ts';
import type { RevocationList } from './authority.ts';
import type { Surroundings } from './surroundings.ts';

/** The list is made by the authority's clock; ours may be a little behind it. */
const TOLERANCE_MS = 5_000;

export class NodeRevocations {
  readonly #around: Surroundings;
  readonly #time: TrustedTime;
  #list: (RevocationList & Revocations) | undefined;
  #polling: Promise<void> | undefined;
  onChange: () => void = () => undefined;

  constructor(around: Surroundings, time: TrustedTime) {
    this.#around = around;
    this.#time = time;
  }

  current(at: number): Revocations | undefined {
    const list = this.#list;
    return list !== undefined && list.thisUpdate <= at + TOLERANCE_MS && at < list.nextUpdate ? list : undefined;
  }

  /** The list of the time `at`, fetched first if ours is of another. Throws 'revocation-list-stale'. */
  async at(at: number): Promise<Revocations> {
    if (this.current(at) === undefined) await this.poll().catch(onlyRefusals);
    const current = this.current(at);
    if (current === undefined) throw new ProtocolError('revocation-list-stale');
    return current;
  }

  /** What is in force now, for those who can't wait. */
  present(): readonly [ReturnType<TrustedTime['now']> | undefined, Revocations | undefined] {
    const at = this.#time.isKnown ? this.#time.now() : undefined;
    return [at, at === undefined ? undefined : this.current(at)];
  }

  poll(): Promise<void> {
    this.#polling ??= this.#fetch().finally(() => {
      this.#polling = undefined;
    });
    return this.#polling;
  }

  async #fetch(): Promise<void> {
    const { world, life } = this.#around;
    const list = await world.network.askService(life, () =>
      world.authority.revocationList(4 * world.profile.revocationsMs),
    );
    const isNew = list.revoked.size !== this.#list?.revoked.size;
    this.#list = { ...list, isRevoked: (_issuer, serialHex) => list.revoked.has(serialHex) };
    world.auditor.sessions.learnt(life, list.revoked);
    if (isNew) this.onChange();
  }
}

function onlyRefusals(error: unknown): void {
  if (!(error instanceof ProtocolError)) throw error;
}
