/** What the bench and its load processes say to each other. */

/** A server under load. Everything that is sent to it is prepared beforehand. */
export interface LoadTarget {
  readonly name: string;
  readonly url: string;
  /** The root certificate, PEM. */
  readonly ca: string;
  readonly connections: number;
  /** Bodies of POST requests, JSON; sent one after the other, and then again. */
  readonly bodies: readonly string[];
  /** Answers with this text in them are counted. */
  readonly mark: string;
}

export type LoadQuestion =
  | { readonly type: 'open'; readonly target: LoadTarget }
  | { readonly type: 'run'; readonly target: string; readonly ms: number; readonly connections?: number };

/** One answer, kept to be looked at when the load is over. */
export interface Sample {
  readonly request: string;
  readonly answer: string;
}

/** What one load process saw in one run. */
export interface LoadResult {
  readonly elapsedMs: number;
  /** From the request to its whole answer, in milliseconds, one per answer. */
  readonly latenciesMs: readonly number[];
  readonly marked: number;
  readonly answerBytes: number;
  readonly samples: readonly Sample[];
}

export type LoadAnswer = LoadResult | { readonly opened: true };
