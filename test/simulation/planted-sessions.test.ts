/** Bugs in how long a session goes on, planted one at a time, as in `planted-bugs.test.ts`. */
import { vi } from 'vitest';
import type { Peer } from '../../dms/admission/authenticate-peer.ts';
import type { Session } from '../../dms/admission/session.ts';
import type { RevocationWatch } from '../../dms/trust/revocation-watch.ts';
import type { Instant } from '../../shared/wire/vocabulary.ts';
import { findEach } from './first-finding.ts';

const planted = vi.hoisted(() => ({ bug: '', revoked: new WeakSet<object>() }));
const isPlanted = (bug: string) => planted.bug === bug;

vi.mock('../../dms/admission/session.ts', async (load) => {
  const real = await load<typeof import('../../dms/admission/session.ts')>();
  /** Takes commands until the connection is gone, whatever has ended it. */
  class EndlessSession extends real.Session {
    #wasAdmitted = false;
    #isRevoked = false;

    get #goesOn(): boolean {
      const isHeedless = isPlanted(this.#isRevoked ? 'commands after a revocation' : 'commands after the end');
      return isHeedless && this.#wasAdmitted && !this.isAdmitted;
    }

    override end(...[code, detail]: Parameters<Session['end']>): void {
      this.#isRevoked ||= code === 'certificate-revoked';
      if (this.#isRevoked) planted.revoked.add(this.peer);
      super.end(code, detail);
    }

    override async prove(...proof: Parameters<Session['prove']>): Promise<void> {
      await super.prove(...proof);
      this.#wasAdmitted = true;
    }

    override demandAdmitted(): void {
      if (!this.#goesOn) super.demandAdmitted();
    }

    override dueEnd(...now: Parameters<Session['dueEnd']>): ReturnType<Session['dueEnd']> {
      return this.#goesOn ? undefined : super.dueEnd(...now);
    }

    override get keys(): Session['keys'] {
      return this.#goesOn ? ({ subject: this.subject } as Session['keys']) : super.keys;
    }
  }
  return { ...real, Session: EndlessSession };
});

vi.mock('../../dms/admission/authenticate-peer.ts', async (load) => {
  const real = await load<typeof import('../../dms/admission/authenticate-peer.ts')>();
  const atTheDoor = new WeakSet<object>();
  const lapseOf: typeof real.lapseOf = (peer, at, revocations) => {
    const isInside = atTheDoor.has(peer);
    atTheDoor.add(peer);
    const isForgiven = isPlanted('commands after a revocation') && planted.revoked.has(peer);
    const isBlind =
      isForgiven || isPlanted(isInside ? 'who is in is never revoked' : 'the door knows of no revocations');
    return real.lapseOf(isPlanted('papers for ever') ? endless(peer) : peer, at, isBlind ? undefined : revocations);
  };
  return { ...real, lapseOf };
});

vi.mock('../../dms/trust/revocation-watch.ts', async (load) => {
  const real = await load<typeof import('../../dms/trust/revocation-watch.ts')>();
  type Known = ReturnType<RevocationWatch['current']>;
  class CarelessWatch extends real.RevocationWatch {
    #first: Known;
    #last: Known;

    override onChange(listener: () => void): void {
      super.onChange(isPlanted('nobody is told of a new list') ? () => undefined : listener);
    }

    override current(at: number): Known {
      const current = super.current(at);
      this.#first ??= current;
      this.#last = current ?? this.#last;
      if (isPlanted('a list of any age')) return this.#last;
      return current && isPlanted('the first list for ever') ? this.#first : current;
    }
  }
  return { ...real, RevocationWatch: CarelessWatch };
});

function endless(peer: Peer): Peer {
  const never = Number.MAX_SAFE_INTEGER as Instant;
  return { ...peer, tokenExpiresAt: never, certificate: { ...peer.certificate, notAfter: never } };
}

findEach(planted, [
  { bug: 'commands after the end', rule: /nothing is taken from a session that is over/ },
  { bug: 'the door knows of no revocations', rule: /nobody is let in who is known to be revoked/ },
  { bug: 'who is in is never revoked', rule: /a session of who is known to be revoked ends/ },
  { bug: 'commands after a revocation', rule: /nothing is taken from who is known to be revoked/ },
  { bug: 'nobody is told of a new list', rule: /a session of who is known to be revoked ends/ },
  { bug: 'the first list for ever', rule: /a session of who is known to be revoked ends/ },
  { bug: 'a list of any age', rule: /without a revocation list of the present/ },
  { bug: 'papers for ever', rule: /nothing is taken by papers that have ended/ },
]);
