/** The revocation lists of a simulated node: the real `RevocationWatch`, of which the auditor hears what is brought to it. */
import { RevocationWatch } from '../../dms/trust/revocation-watch.ts';
import type { TrustedTime } from '../../dms/trusted-time.ts';
import type { Revocations } from '../../shared/pki/verify-certificate.ts';
import type { Instant } from '../../shared/wire/vocabulary.ts';
import { ISSUING } from './issuing.ts';
import type { PublishedList } from './revocation-lists.ts';
import { clockOf, type Surroundings } from './surroundings.ts';

/** The lists are made by the authority's clock; a node's may be a little behind it. */
const TOLERANCE_MS = 5_000;

export class NodeRevocations {
  readonly watch: RevocationWatch;
  readonly #around: Surroundings;
  readonly #time: TrustedTime;

  constructor(around: Surroundings, time: TrustedTime) {
    this.#around = around;
    this.#time = time;
    this.watch = new RevocationWatch({
      service: { revocationList: (etag) => this.#fetch(etag) },
      issuers: () => [ISSUING.certificate],
      clock: clockOf(around),
    });
  }

  at(at: number): Promise<Revocations> {
    return this.watch.at(at);
  }

  poll(): Promise<void> {
    return this.watch.poll(this.#time.now());
  }

  /** What is in force now, for those who can't wait. As `dms/node.ts` has it. */
  present(): readonly [Instant | undefined, Revocations | undefined] {
    const at = this.#time.isKnown ? this.#time.now() : undefined;
    return [at, at === undefined ? undefined : this.watch.current(at)];
  }

  async #fetch(etag: string | undefined): Promise<PublishedList | 'unchanged'> {
    const { world, life } = this.#around;
    // By the time of the question it will be judged.
    const at = this.#time.now();
    const answer = await world.network.askService(life, () => world.authority.revocationList(etag));
    if (answer === 'unchanged') return answer;
    const isOfThePresent = answer.thisUpdate <= at + TOLERANCE_MS && at < answer.nextUpdate;
    if (isOfThePresent) world.auditor.sessions.learnt(life, answer, () => this.present()[1] !== undefined);
    return answer;
  }
}
