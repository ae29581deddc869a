/** What a fuzz target is: one parser that meets foreign bytes, valid inputs of it, and what has to hold for every other. */
import { ProtocolError, type RefusalCode } from '../../shared/errors.ts';
import type { Choice } from './choice.ts';
import { CANARY } from './mutate-text.ts';

export interface Target<Input> {
  readonly name: string;
  /** Verdicts that have to come up in ten thousand cases: else the mutants would not reach what they are for. */
  readonly reaches: readonly string[];
  /** Where a case takes as long as so many others: a file for each, say. CI has so many fewer of them. */
  readonly weight?: number;
  prepare(): Prepared<Input> | Promise<Prepared<Input>>;
}

export interface Prepared<Input> {
  readonly valid: readonly Input[];
  /** One change. `other` is valid too. */
  mutate(input: Input, choice: Choice, other: Input): Input;
  /** 'accepted', or the code with which it was refused. Throws where a property does not hold. */
  judge(input: Input): string | Promise<string>;
  /** What was found once, and would be found at once if it came back. */
  readonly found?: readonly Input[];
  /** After the last case. */
  end?(): void;
}

/** Says what does not hold. */
export function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

/** More than the names of the longest list that a schema takes, 104 hashes; what is longer grows with the input. */
const MAX_DETAIL_CHARACTERS = 1_000;

/** The code of a refusal that may be one of these, and says nothing of what was sent. Anything else goes on. */
export function codeOf(error: unknown, documented: readonly RefusalCode[]): string {
  if (!(error instanceof ProtocolError)) throw error;
  demand(documented.includes(error.code), `'${error.code}' is not a documented refusal`);
  demandDiscreet(error.detail);
  return error.code;
}

/** Fields may be named, values never; and it stays short. */
export function demandDiscreet(detail: string | undefined): void {
  if (detail === undefined) return;
  demand(!detail.includes(CANARY), 'the refusal repeats what was sent');
  demand(detail.length <= MAX_DETAIL_CHARACTERS, 'the refusal is as long as the sender wants');
}

/** Runs a parser: 'accepted' when `whenAccepted` has nothing to say against it. */
export function judging<Parsed>(
  documented: readonly RefusalCode[],
  parse: () => Parsed,
  whenAccepted: (parsed: Parsed) => void,
): string {
  let parsed: Parsed;
  try {
    parsed = parse();
  } catch (error) {
    return codeOf(error, documented);
  }
  whenAccepted(parsed);
  return 'accepted';
}

/** The same of a parser that takes its time. */
export async function judgingLater<Parsed>(
  documented: readonly RefusalCode[],
  parse: () => Promise<Parsed>,
  whenAccepted: (parsed: Parsed) => void,
): Promise<string> {
  let parsed: Parsed;
  try {
    parsed = await parse();
  } catch (error) {
    return codeOf(error, documented);
  }
  whenAccepted(parsed);
  return 'accepted';
}
