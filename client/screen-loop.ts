/** Keeps the screen going: messages in, frames out, effects done. At most ten frames a second for what the market does, at once for keys. */
import type { Clock } from '../shared/time/clock.ts';
import type { Instant } from '../shared/wire/vocabulary.ts';
import type { AuctionClient } from './auction-client.ts';
import { perform } from './commands/perform.ts';
import type { Face, Fact } from './line/fact.ts';
import { complaintOf } from './line/facts-of.ts';
import { frameOf } from './screen/frame-of.ts';
import type { Effect, Reading, ScreenMessage } from './screen/message.ts';
import { initialState, type Moment, type ScreenState, type Size } from './screen/screen-state.ts';
import { update } from './screen/update.ts';
import { EMPTY_MODEL } from './store/model.ts';
import type { TerminalView } from './view/terminal-view.tsx';

export interface LoopParts {
  readonly clock: Clock;
  readonly size: Size;
  /** Writes what is no part of a frame: the bell. */
  readonly alert: (text: string) => void;
  /** What was typed, for the next run. */
  readonly remember: (line: string) => void;
  /** Somebody wants to go. */
  readonly quit: (interrupted: boolean) => void;
  /** A mistake of ours. */
  readonly failed: (error: unknown) => void;
}

/** Between two frames of what the market does. */
const FRAME_MS = 100;
/** … and on a large screen so many times as long as a frame takes: painting never has more than a twentieth of a core. */
const REST_PER_PAINT = 19;
const SECOND_MS = 1_000;
const LATENCY_MS = 10_000;

export class ScreenLoop implements Face {
  readonly #parts: LoopParts;
  #state: ScreenState;
  #view: Pick<TerminalView, 'show'> | undefined;
  #client: AuctionClient | undefined;
  #certificateEndsAt: Instant | undefined;
  #lastFrameAt = Number.NEGATIVE_INFINITY;
  #restMs = FRAME_MS;
  #frameTimer: NodeJS.Timeout | undefined;
  #beatTimer: NodeJS.Timeout | undefined;
  #latencyTimer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(parts: LoopParts) {
    this.#parts = parts;
    this.#state = initialState(parts.size, this.#moment());
  }

  /** Paints there from now on; nowhere while there is no view. */
  paintOn(view: Pick<TerminalView, 'show'> | undefined): void {
    this.#view = view;
    if (view === undefined) return;
    this.#paint();
    this.#beat();
  }

  /** Reads from this client, from before its first session on. */
  follow(client: AuctionClient): void {
    this.#client = client;
    const look = () => {
      this.#certificateEndsAt = client.identity().certificate.notAfter;
    };
    client.on('renewed', look);
    client.on('proof', ({ position, outcome }) => this.dispatch({ type: 'proof', position, proof: outcome }));
    client.on('link', ({ up }) => {
      if (!up) return;
      look();
      this.#measureLatency();
    });
  }

  /** A fact that the client tells by itself. */
  tell(fact: Fact): void {
    this.dispatch({ type: 'told', fact });
  }

  dispatch(message: ScreenMessage): void {
    if (this.#isOver) return;
    this.#apply({ type: 'read', reading: this.#read() });
    this.#apply(message);
    if (message.type === 'key' || message.type === 'resized') this.#paint();
    else this.#paintSoon();
  }

  /** Nothing is painted or done any more. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#frameTimer);
    clearTimeout(this.#beatTimer);
    clearTimeout(this.#latencyTimer);
  }

  #apply(message: ScreenMessage): void {
    const { state, effects } = update(this.#state, message);
    this.#state = state;
    for (const effect of effects) this.#do(effect);
  }

  #do(effect: Effect): void {
    switch (effect.type) {
      case 'perform':
        this.#perform(effect).catch((error) => this.#parts.failed(error));
        break;
      case 'remember':
        this.#parts.remember(effect.line);
        break;
      case 'alert':
        this.#parts.alert(effect.text);
        break;
      case 'quit':
        this.#parts.quit(effect.interrupted === true);
        break;
    }
  }

  async #perform({ number, intent }: Extract<Effect, { type: 'perform' }>): Promise<void> {
    const client = this.#client;
    if (client === undefined) {
      this.dispatch({ type: 'answered', number, fact: undefined });
      return;
    }
    const answer = await perform(client, intent, {
      answering: { line: number },
      onProgress: (stage) => this.dispatch({ type: 'progress', number, stage }),
      onAudit: ({ records }) => this.dispatch({ type: 'audited', number, records }),
    });
    this.dispatch({ type: 'answered', number, fact: answer.type === 'quit' ? undefined : answer });
  }

  #read(): Reading {
    const client = this.#client;
    return {
      moment: this.#moment(),
      model: client?.model ?? EMPTY_MODEL,
      certificateEndsAt: this.#certificateEndsAt,
    };
  }

  #moment(): Moment {
    const { clock } = this.#parts;
    const machine = clock.now();
    const monotonic = clock.monotonic();
    const time = this.#client?.time();
    const at = time?.at ?? (machine as Instant);
    const zoneMs = -new Date(at).getTimezoneOffset() * 60_000;
    if (time === undefined) return { at, simulated: false, signed: false, aheadMs: 0, monotonic, zoneMs };
    return { at, simulated: time.simulated, signed: true, aheadMs: at - machine, monotonic, zoneMs };
  }

  #paint(): void {
    clearTimeout(this.#frameTimer);
    this.#frameTimer = undefined;
    if (this.#view === undefined || this.#isOver) return;
    const { clock } = this.#parts;
    const begun = clock.monotonic();
    this.#view.show(frameOf(this.#state));
    this.#lastFrameAt = clock.monotonic();
    this.#restMs = Math.max(FRAME_MS, (this.#lastFrameAt - begun) * REST_PER_PAINT);
  }

  #paintSoon(): void {
    if (this.#frameTimer !== undefined) return;
    const rest = this.#lastFrameAt + this.#restMs - this.#parts.clock.monotonic();
    this.#frameTimer = setTimeout(() => this.#paint(), Math.max(0, rest));
  }

  /** Countdowns move with the full second of the time that counts; what spins moves faster. */
  #beat(): void {
    clearTimeout(this.#beatTimer);
    if (this.#isOver || this.#view === undefined) return;
    const isBusy = this.#state.running.length > 0;
    const { at } = this.#moment();
    const wait = isBusy ? this.#restMs : SECOND_MS - (((at % SECOND_MS) + SECOND_MS) % SECOND_MS);
    this.#beatTimer = setTimeout(() => {
      this.#apply({ type: 'read', reading: this.#read() });
      this.#paint();
      this.#beat();
    }, wait);
  }

  #measureLatency(): void {
    clearTimeout(this.#latencyTimer);
    const client = this.#client;
    if (client === undefined || this.#isOver) return;
    client.roundTripMs().then(
      (ms) => this.dispatch({ type: 'latency', ms }),
      // That the house does not answer is what the link says.
      (error) => void (complaintOf(error) ?? this.#parts.failed(error)),
    );
    this.#latencyTimer = setTimeout(() => this.#measureLatency(), LATENCY_MS);
  }
}
