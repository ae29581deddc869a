/** A guest's papers: how it gets them, shows them at a door, proves that they are its own, and has them renewed. */
import type { Connection } from '../../dms/gateway/dispatch.ts';
import { decodeBase64url, encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { createJwsSigner, signJws } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Hello, Renew, SessionOffer } from '../../shared/wire/socket-events.ts';
import type { CompactJws, Subject } from '../../shared/wire/vocabulary.ts';
import type { Listener } from './hall.ts';
import type { Line } from './network.ts';
import type { NodeLife } from './node-life.ts';
import type { Papers } from './papers.ts';
import { keysOfGuest, newSalt } from './vocabulary.ts';
import type { World } from './world.ts';

const DOOR_LIMIT_MS = 5_000;

export class Wallet {
  readonly #world: World;
  readonly #guest: Listener & { readonly isAlive: boolean };
  #papers: Papers | undefined;
  /** All that it ever had. */
  readonly #had: Papers[] = [];

  constructor(world: World, guest: Listener & { readonly isAlive: boolean }) {
    this.#world = world;
    this.#guest = guest;
  }

  /** Shows the papers at the door; those that are refused are not shown again. */
  async enter(life: NodeLife, line: Line): Promise<Connection | undefined> {
    const { scheduler, network, random } = this.#world;
    // Most often there are some, and no clock to say whether they are still good.
    const papers = this.#papers ?? (await this.#issue());
    if (papers === undefined) return undefined;
    this.#papers = random.chance(0.8) ? papers : undefined;
    await scheduler.sleep(network.delay());
    if (!life.isOpen) return undefined;
    const late = scheduler.sleep(DOOR_LIMIT_MS).then(() => undefined);
    const admitted = await Promise.race([life.admit(this.#guest, papers, line), late]);
    if (admitted !== undefined) return admitted;
    this.#papers = undefined;
    line.cut();
    return undefined;
  }

  /** Most go on with new papers before the old ones end. Some try it with what they should not. */
  renewLater(life: NodeLife, connection: Connection, line: Line): void {
    const { scheduler, random, profile, network } = this.#world;
    if (!random.chance(profile.renewing)) return;
    const isWrong = random.chance(0.3);
    const when = isWrong ? 0.6 * random.next() : 0.5 + 0.6 * random.next();
    scheduler.after(profile.tokenMs * when, async () => {
      const shown = line.isUp ? await (isWrong ? this.#wrongPapers() : this.#newPapers()) : undefined;
      scheduler.after(network.delay(), () => {
        if (line.isUp && shown !== undefined) life.serve('renew', connection, shown, () => undefined);
      });
    });
  }

  async #newPapers(): Promise<Renew | undefined> {
    this.#papers = (await this.#issue()) ?? this.#papers;
    return this.#papers && this.#shown(this.#papers);
  }

  /** Its own of earlier, which may have ended or been revoked; somebody else's; its own token with another certificate, or changed. */
  async #wrongPapers(): Promise<Renew | undefined> {
    const { random, guests } = this.#world;
    const own = this.#had.at(-1 - random.below(3));
    if (own === undefined) return undefined;
    const [shown, kind] = [await this.#shown(own), random.next()];
    if (kind < 0.4) return shown;
    if (kind < 0.6) return { ...shown, token: madeLonger(shown.token) };
    const other = await this.#issue(guests[random.below(guests.length)]!.subject);
    if (other === undefined) return undefined;
    const others = await this.#shown(other);
    return kind < 0.8 ? others : { ...shown, certificate: others.certificate };
  }

  /** What travels. */
  async #shown(papers: Papers): Promise<Renew> {
    return { token: await this.#world.authority.tokenOf(papers), certificate: papers.certificate.pem };
  }

  async #issue(subject: Subject = this.#guest.subject): Promise<Papers | undefined> {
    const { network, authority, profile } = this.#world;
    try {
      const papers = await network.askService(this.#guest, () => authority.issue(subject, profile));
      if (subject === this.#guest.subject) this.#had.push(papers);
      return papers;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return undefined;
    }
  }
}

/** A token by which its holder would have a minute more, if nobody looked at the signature. */
function madeLonger(token: CompactJws): CompactJws {
  const [header, , signature] = token.split('.');
  const claims = claimsIn(token) as { exp: number };
  const longer = encodeBase64url(utf8.encode(JSON.stringify({ ...claims, exp: claims.exp + 60 })));
  return `${header}.${longer}.${signature}` as CompactJws;
}

export function newHello({ random }: World): Hello {
  return { nonce: encodeBase64url(newSalt(random)) };
}

/** The guest's word on an offer. */
export function proofFor(subject: Subject, offer: CompactJws): Promise<CompactJws> {
  const { session, serverNonce } = claimsIn(offer) as SessionOffer;
  const claims = { session, serverNonce, offer: digestOfText(offer) };
  return signJws(createJwsSigner(keysOfGuest(subject)), 'session-proof+jwt', claims);
}

function claimsIn(jws: CompactJws): unknown {
  return JSON.parse(utf8.decode(decodeBase64url(jws.split('.')[1] ?? '') ?? new Uint8Array()));
}
