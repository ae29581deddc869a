/** What all connections of this process to one place have heard, tick by tick. */
import type { Seen, SeenTick } from './messages.ts';
import type { WireSocket } from './wire-socket.ts';

/** Announcements of one kind, and the checkpoint that closes them. */
export const FRAMES_PER_TICK = 2;

interface Tick {
  firstAt: number;
  lastAt: number;
  frames: number;
}

export class Watched {
  readonly #wires: WireSocket[] = [];
  /** Frames that each connection has heard. */
  readonly #counts: number[] = [];
  #ticks: Tick[] = [];
  #bytes = 0;
  #texts: string[] = [];

  get size(): number {
    return this.#wires.length;
  }

  add(wire: WireSocket): void {
    const index = this.#wires.push(wire) - 1;
    this.#counts.push(0);
    wire.countInto((bytes, text) => this.#count(index, bytes, text), index === 0);
  }

  clear(): void {
    this.#counts.fill(0);
    this.#ticks = [];
    this.#bytes = 0;
    this.#texts = [];
  }

  get seen(): Seen {
    return { ticks: this.#ticks as readonly SeenTick[], bytes: this.#bytes, texts: this.#texts };
  }

  close(): void {
    for (const wire of this.#wires.splice(0)) wire.close();
    this.#counts.length = 0;
    this.clear();
  }

  #count(index: number, bytes: number, text: string | undefined): void {
    const now = sharedNow();
    const count = this.#counts[index] as number;
    this.#counts[index] = count + 1;
    this.#bytes += bytes;
    if (text !== undefined) this.#texts.push(text);
    const number = Math.floor(count / FRAMES_PER_TICK);
    const tick = this.#ticks[number];
    if (tick === undefined) {
      this.#ticks[number] = { firstAt: now, lastAt: now, frames: 1 };
      return;
    }
    tick.lastAt = now;
    tick.frames += 1;
  }
}

const OFFSET_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** The same in all processes of this machine. */
function sharedNow(): number {
  return OFFSET_MS + performance.now();
}
