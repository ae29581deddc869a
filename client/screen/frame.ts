/** What the screen shows at one moment: rows of styled text without a single escape character. The view only paints it. */

/** How a piece of text stands out. The meaning is in the words and marks; this only helps the eye. */
export type Style =
  | 'faint'
  | 'strong'
  | 'accent'
  | 'good'
  | 'bad'
  | 'warn'
  | 'title'
  /** The clock is simulated: loud. */
  | 'sim'
  /** The connection is lost: loud. */
  | 'alarm';

export interface Span {
  readonly text: string;
  readonly style?: Style | undefined;
}

export type Row = readonly Span[];

/** Exactly as many rows as the terminal has, none wider than it. */
export interface Frame {
  readonly columns: number;
  readonly rows: readonly Row[];
  /** Where the real cursor is; without it there is none to see. */
  readonly cursor?: { readonly x: number; readonly y: number } | undefined;
}
