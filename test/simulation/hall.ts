/** Who listens to one node: sends what `dms/gateway/socket-gateway.ts` sends, to those whom it sends it to. */
import type { Tick } from '../../dms/publication/announcer.ts';
import type { Announcement, AuctionClosed, Checkpoint } from '../../shared/wire/announcements.ts';
import type { Subject } from '../../shared/wire/vocabulary.ts';
import type { Line } from './network.ts';
import type { World } from './world.ts';

/** A guest, as the hall knows it. */
export interface Listener {
  readonly subject: Subject;
  announced(announcements: readonly Announcement[]): void;
  checked(checkpoint: Checkpoint): void;
  noticed(notices: readonly AuctionClosed[]): void;
}

export class Hall {
  readonly #world: World;
  readonly #lines = new Map<Line, Listener>();

  constructor(world: World) {
    this.#world = world;
  }

  /** From here on this guest hears what everybody hears. */
  join(line: Line, listener: Listener): void {
    if (line.isUp) this.#lines.set(line, listener);
  }

  send({ listed, bids, closed, checkpoint, notices }: Tick): void {
    const frames: Announcement[][] = [
      listed.map((one) => ({ event: 'someone_listed' as const, ...one })),
      bids.map((one) => ({ event: 'someone_bid' as const, ...one })),
      closed.map((one) => ({ event: 'item_closed' as const, ...one })),
    ].filter((frame) => frame.length > 0);
    for (const frame of frames) for (const one of frame) this.#world.auditor.toldEverybody(one);
    const own = Map.groupBy(notices, ({ to }) => to);
    for (const [line, listener] of this.#lines) {
      const arrivals = frames.map((frame) => () => listener.announced(frame));
      if (checkpoint !== undefined) arrivals.push(() => listener.checked(checkpoint));
      const mine = own.get(listener.subject)?.map(({ notice }) => notice);
      if (mine !== undefined) arrivals.push(() => listener.noticed(mine));
      this.#tell(line, arrivals);
    }
  }

  /** Most often they come together; but a line can break between any two of them. */
  #tell(line: Line, arrivals: readonly (() => void)[]): void {
    if (!line.isUp) this.#lines.delete(line);
    else if (this.#world.random.chance(0.2)) for (const arrive of arrivals) line.tell(arrive);
    else
      line.tell(() => {
        for (const arrive of arrivals) arrive();
      });
  }

  closeAll(): void {
    for (const line of this.#lines.keys()) line.cut();
    this.#lines.clear();
  }
}
