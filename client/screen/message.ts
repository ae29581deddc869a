/** What can happen to the screen, and what it asks for in return. */
import type { Instant, Position } from '../../shared/wire/vocabulary.ts';
import type { Intent } from '../commands/intent.ts';
import type { Fact } from '../line/fact.ts';
import type { KeyPress } from '../prompt/key-press.ts';
import type { Stage } from '../send-command.ts';
import type { Model } from '../store/model.ts';
import type { Moment, Proof, ScreenState, Size } from './screen-state.ts';

/** What the client knows now: read before every message. */
export interface Reading {
  readonly moment: Moment;
  readonly model: Model;
  readonly certificateEndsAt?: Instant | undefined;
}

export type ScreenMessage =
  | { readonly type: 'read'; readonly reading: Reading }
  | { readonly type: 'key'; readonly key: KeyPress }
  | { readonly type: 'resized'; readonly size: Size }
  /** What the client tells by itself. */
  | { readonly type: 'told'; readonly fact: Fact }
  | { readonly type: 'progress'; readonly number: number; readonly stage: Stage }
  /** How many records an audit has read. */
  | { readonly type: 'audited'; readonly number: number; readonly records: number }
  /** The end of a command; `undefined` where it was told elsewhere. */
  | { readonly type: 'answered'; readonly number: number; readonly fact: Fact | undefined }
  | { readonly type: 'latency'; readonly ms: number }
  | { readonly type: 'proof'; readonly position: Position; readonly proof: Proof }
  /** Lines that were typed in earlier runs, newest last. */
  | { readonly type: 'history'; readonly lines: readonly string[] };

export type Effect =
  | { readonly type: 'perform'; readonly number: number; readonly line: string; readonly intent: Intent }
  /** Keeps a line for the next run. */
  | { readonly type: 'remember'; readonly line: string }
  /** Calls somebody who looks elsewhere. */
  | { readonly type: 'alert'; readonly text: string }
  | { readonly type: 'quit'; readonly interrupted?: true };

export interface Step {
  readonly state: ScreenState;
  readonly effects: readonly Effect[];
}

export function step(state: ScreenState, ...effects: readonly Effect[]): Step {
  return { state, effects };
}
