/** A guest's papers: how it gets them, shows them at a door, proves that they are its own, and has them renewed. */
import type { Peer } from '../../dms/admission/authenticate-peer.ts';
import type { Connection } from '../../dms/gateway/dispatch.ts';
import { decodeBase64url, encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { signJws } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Hello, SessionOffer } from '../../shared/wire/socket-events.ts';
import type { CompactJws, Subject } from '../../shared/wire/vocabulary.ts';
import type { Listener } from './hall.ts';
import type { Line } from './network.ts';
import type { NodeLife } from './node-life.ts';
import { keyOf } from './papers.ts';
import { newSalt } from './vocabulary.ts';
import type { World } from './world.ts';

const DOOR_LIMIT_MS = 5_000;

export class Wallet {
  readonly #world: World;
  readonly #guest: Listener & { readonly isAlive: boolean };
  #papers: Peer | undefined;

  constructor(world: World, guest: Listener & { readonly isAlive: boolean }) {
    this.#world = world;
    this.#guest = guest;
  }

  /** Shows the papers at the door; those that are refused are not shown again. */
  async enter(life: NodeLife, line: Line): Promise<Connection | undefined> {
    const { scheduler, network, random } = this.#world;
    // Most often there are some, and no clock to say whether they are still good.
    const peer = this.#papers ?? (await this.#issue());
    if (peer === undefined) return undefined;
    this.#papers = random.chance(0.8) ? peer : undefined;
    await scheduler.sleep(network.delay());
    if (!life.isOpen) return undefined;
    const late = scheduler.sleep(DOOR_LIMIT_MS).then(() => undefined);
    // As a door does that reads papers: what it makes of them is new each time.
    const admitted = await Promise.race([life.admit(this.#guest, { ...peer }, line), late]);
    if (admitted !== undefined) return admitted;
    this.#papers = undefined;
    line.cut();
    return undefined;
  }

  /** Most go on with new papers before the old ones end. */
  renewLater(life: NodeLife, connection: Connection, line: Line): void {
    const { scheduler, random, profile } = this.#world;
    if (random.chance(0.3)) return;
    scheduler.after(profile.tokenMs * (0.5 + 0.6 * random.next()), async () => {
      const papers = line.isUp ? await this.#issue() : undefined;
      if (papers === undefined || !line.isUp) return;
      this.#papers = papers;
      await life.renew(connection, papers);
    });
  }

  async #issue(): Promise<Peer | undefined> {
    const { network, authority, profile } = this.#world;
    try {
      return await network.askService(this.#guest, () => authority.issue(this.#guest.subject, profile));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return undefined;
    }
  }
}

export function newHello({ random }: World): Hello {
  return { nonce: encodeBase64url(newSalt(random)) };
}

/** The guest's word on an offer. It is signed in another thread, and no seed decides when: so nothing else happens meanwhile. */
export function proofFor({ scheduler }: World, subject: Subject, offer: CompactJws): Promise<CompactJws> {
  const payload = decodeBase64url(offer.split('.')[1] ?? '') ?? new Uint8Array();
  const { session, serverNonce }: SessionOffer = JSON.parse(utf8.decode(payload));
  const claims = { session, serverNonce, offer: digestOfText(offer) };
  return scheduler.hold(signJws(keyOf(subject).signer, 'session-proof+jwt', claims));
}
