/** Line mode: input lines in, facts out, until the input ends, somebody quits, or the client can't go on. */
import type { Answer, PerformClient } from '../commands/perform.ts';
import { EXIT, exitCodeForSignal } from '../exit-codes.ts';
import { LineAnswers } from './answer-line.ts';
import type { Face, Facts } from './fact.ts';
import type { Line } from './lines-of.ts';
import type { Narrator } from './narrator.ts';

export interface LineModeParts {
  readonly client: PerformClient;
  readonly face: Face;
  readonly lines: AsyncIterable<Line>;
  /** The exit code tells how the commands ended, not only that they were answered. */
  readonly strict?: boolean;
  /** Ends line mode from outside; its reason is the name of a signal. */
  readonly signal: AbortSignal;
}

/**
 * Answers every line with exactly one fact, in order: the next line waits for the answer to the one before. Resolves
 * with the exit code: 0 at the end of the input or `/quit`, 7 if the outcome of a command stayed unknown, 128 + n for
 * a signal. Throws what the client failed with.
 */
export async function runLines(parts: LineModeParts, narrator: Narrator): Promise<number> {
  const interruption = interrupted(parts.signal);
  // An answer that comes after the end is nobody's any more.
  const over = new AbortController();
  try {
    const bye = await Promise.race([answerLines(parts, over.signal), interruption.promise, narrator.failed]);
    narrator.end();
    parts.face.tell({ type: 'bye', data: bye });
    return bye.exitCode;
  } finally {
    over.abort();
    interruption.stop();
  }
}

async function answerLines(
  { client, face, lines, strict = false }: LineModeParts,
  over: AbortSignal,
): Promise<Facts['bye']> {
  const answers = new LineAnswers(client, face);
  let number = 0;
  let exitCode: number = EXIT.done;
  for await (const line of lines) {
    number++;
    if (line?.trim() === '') continue;
    const answer = await answers.answer(line, number);
    if (over.aborted) break;
    if (answer.type === 'quit') return { ...answer.answering, reason: 'quit', exitCode };
    face.tell(answer);
    const code = exitCodeOf(answer);
    if (exitCode === EXIT.done && (strict || code === EXIT.outcomeUnknown)) exitCode = code;
  }
  return { reason: 'end-of-input', exitCode };
}

function exitCodeOf(answer: Answer): number {
  switch (answer.type) {
    case 'rejected':
      return EXIT.rejected;
    case 'refused':
    case 'error':
      return answer.data.exitCode;
    default:
      return EXIT.done;
  }
}

function interrupted(signal: AbortSignal): { readonly promise: Promise<Facts['bye']>; stop(): void } {
  const { promise, resolve } = Promise.withResolvers<Facts['bye']>();
  const onAbort = () => resolve({ reason: 'interrupted', exitCode: exitCodeForSignal(signal.reason) });
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  return { promise, stop: () => signal.removeEventListener('abort', onAbort) };
}
