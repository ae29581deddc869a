/** Several processes of watchers that work as one. */
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { invariant } from '../../shared/invariant.ts';
import type { BenchSettings } from '../bench.ts';
import { Child } from '../child.ts';
import type { Authority } from '../commands/houses.ts';
import {
  SESSIONS_PER_PARTICIPANT,
  type Seen,
  type SeenTick,
  type WatchedKind,
  type WatcherAnswer,
  type WatcherQuestion,
} from './messages.ts';
import type { Place } from './sessions.ts';
import { FRAMES_PER_TICK } from './watched.ts';

/** Everything has arrived when everybody has heard the same and nothing more comes for so long. */
const QUIET_MS = 300;
/** What has not arrived by then is lost. */
const PATIENCE_MS = 15_000;

/** What all watchers of a place have heard. */
export interface AllSeen {
  /** Complete ones: every watcher has heard all of it. */
  readonly ticks: readonly SeenTick[];
  readonly bytes: number;
  readonly texts: readonly string[];
}

export class WatcherTeam {
  readonly #members: readonly Child[];
  readonly #watchers = new Map<WatchedKind, number>();

  constructor({ cores, env, signal }: Pick<BenchSettings, 'cores' | 'env' | 'signal'>) {
    const file = fileURLToPath(new URL('./watchers.ts', import.meta.url));
    this.#members = Array.from({ length: cores.loaders }, () => new Child({ pinning: cores.load, file, env, signal }));
  }

  /** Enough participants for so many sessions. */
  async enrol({ url, rootPem }: Authority, sessions: number): Promise<void> {
    await this.#each((share, member) => {
      const count = Math.ceil(share(sessions) / SESSIONS_PER_PARTICIPANT) + 1;
      const names = Array.from({ length: count }, (_, index) => `watcher-${member}-${index}`);
      return { type: 'enrol', trustedServiceUrl: url, rootPem, names };
    });
  }

  /** So many watchers at a place, with those who are there. */
  async fill(place: Place, watchers: number): Promise<void> {
    const present = this.#watchers.get(place.kind) ?? 0;
    await this.#each((share) => ({ type: 'open', ...place, connections: share(watchers) - share(present) }));
    this.#watchers.set(place.kind, watchers);
  }

  async clear(kind: WatchedKind): Promise<void> {
    await this.#each(() => ({ type: 'clear', kind }));
  }

  async leave(kind: WatchedKind): Promise<void> {
    await this.#each(() => ({ type: 'leave', kind }));
    this.#watchers.delete(kind);
  }

  /** What was heard since the last `clear`, when nothing more comes. Throws where a watcher has missed something. */
  async seen(kind: WatchedKind): Promise<AllSeen> {
    const watchers = this.#watchers.get(kind) ?? 0;
    const until = performance.now() + PATIENCE_MS;
    for (let before = -1; ; ) {
      const parts = (await this.#each(() => ({ type: 'seen', kind }))) as Seen[];
      const { bytes, once } = sizesOf(parts);
      const isComplete = bytes === once * watchers;
      if (isComplete && bytes === before) return together(parts, watchers);
      invariant(performance.now() < until, 'every watcher hears the same');
      before = bytes;
      await pause(QUIET_MS);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.stop()));
  }

  #each(
    question: (share: (of: number) => number, member: number) => WatcherQuestion,
  ): Promise<readonly WatcherAnswer[]> {
    return Promise.all(
      this.#members.map((member, index) => {
        // The first one has one more where it does not come out even: it is whose frames are looked into.
        const share = (of: number) => Math.ceil((of - index) / this.#members.length);
        return member.ask<WatcherQuestion, WatcherAnswer>(question(share, index));
      }),
    );
  }
}

/** Of what all have heard, and of what one has. */
function sizesOf(parts: readonly Seen[]): { readonly bytes: number; readonly once: number } {
  const [{ texts }] = parts as [Seen];
  return {
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    once: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
  };
}

function together(parts: readonly Seen[], watchers: number): AllSeen {
  const [{ texts }] = parts as [Seen];
  const ticks = Array.from({ length: texts.length / FRAMES_PER_TICK }, (_, number) => {
    const here = parts.flatMap(({ ticks }) => ticks[number] ?? []);
    const frames = here.reduce((sum, tick) => sum + tick.frames, 0);
    invariant(frames === watchers * FRAMES_PER_TICK, 'every watcher hears every frame');
    const firstAt = Math.min(...here.map((tick) => tick.firstAt));
    return { firstAt, lastAt: Math.max(...here.map((tick) => tick.lastAt)), frames };
  });
  return { ticks, bytes: sizesOf(parts).bytes, texts };
}
