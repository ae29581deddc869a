/** What a soak and its client processes say to each other. */
import type { Who } from '../../bench/workload/notes.ts';
import type { Order, Outcome } from '../../bench/workload/orders.ts';

/** The first thing that a client process is told. */
export interface Settings {
  readonly type: 'settings';
  readonly folder: string;
  readonly rootPem: string;
  readonly trustedServiceUrl: string;
  readonly dmsUrl: string;
  /** Where its notes go. */
  readonly notes: string;
}

export type ToCrowd =
  | Settings
  /** Take part, from this position on. */
  | { readonly type: 'enter'; readonly who: Who; readonly since?: number }
  | { readonly type: 'leave'; readonly who: Who }
  /** The answer comes under the same number. */
  | { readonly type: 'do'; readonly who: Who; readonly number: number; readonly order: Order }
  /** Everybody leaves; then the process ends. */
  | { readonly type: 'end' };

export type FromCrowd =
  | { readonly type: 'entered'; readonly who: Who }
  | { readonly type: 'left'; readonly who: Who; readonly position: number }
  | { readonly type: 'done'; readonly number: number; readonly outcome: Outcome }
  | { readonly type: 'sale'; readonly lot: string; readonly role: 'seller' | 'winner' }
  /** How far everybody who is there was told, and noted it. */
  | { readonly type: 'told'; readonly positions: readonly (readonly [Who, number])[] };

/** The only thing that a process of those who mean harm is told. */
export interface HostileSettings extends Omit<Settings, 'type' | 'folder'> {
  readonly connections: number;
  /** Commands of all together. */
  readonly perSecond: number;
  readonly seed: string;
  /** Another one each time: user names are taken for ever. */
  readonly life: string;
}
