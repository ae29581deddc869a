/** What the bench, its watchers and the bare server say to each other. */
import { MAX_SESSIONS_PER_SUBJECT } from '../../dms/admission/session-book.ts';

/** A house; Socket.IO alone; bytes written to sockets, with TLS and without. */
export type WatchedKind = 'house' | BareKind;
export type BareKind = 'socket-io' | 'tls' | 'tcp';

/** As many as the house allows one participant. */
export const SESSIONS_PER_PARTICIPANT: number = MAX_SESSIONS_PER_SUBJECT;

export type WatcherQuestion =
  | {
      readonly type: 'enrol';
      readonly trustedServiceUrl: string;
      readonly rootPem: string;
      readonly names: readonly string[];
    }
  /** So many more connections to a place. */
  | {
      readonly type: 'open';
      readonly kind: WatchedKind;
      readonly url: string;
      readonly ca: string;
      readonly connections: number;
    }
  /** Forgets what was counted there. */
  | { readonly type: 'clear'; readonly kind: WatchedKind }
  | { readonly type: 'seen'; readonly kind: WatchedKind }
  | { readonly type: 'leave'; readonly kind: WatchedKind };

/** What one tick brought to all connections of a process; times by the machine's monotonic clock, in milliseconds. */
export interface SeenTick {
  readonly firstAt: number;
  readonly lastAt: number;
  readonly frames: number;
}

export interface Seen {
  readonly ticks: readonly SeenTick[];
  /** Payloads of all frames of all connections. */
  readonly bytes: number;
  /** The texts of the frames of one connection. */
  readonly texts: readonly string[];
}

export type WatcherAnswer = Seen | { readonly done: true };

/** The texts of the frames of each tick. */
export type Ticks = readonly (readonly string[])[];

/** Sends each tick's frames to everybody, and pauses after each. Answered when the last one is handed to the system. */
export interface EmitQuestion {
  readonly type: 'emit';
  readonly kind: BareKind;
  readonly ticks: Ticks;
  readonly pauseMs: number;
}

export interface EmitAnswer {
  readonly cpuSeconds: number;
}
