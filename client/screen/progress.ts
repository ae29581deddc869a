/** How far a command is: `signed ✓ · timestamp ✓ 38 ms · sealed ✓ · waiting for the answer`. */
import type { Stage } from '../send-command.ts';
import type { Running, ScreenState } from './screen-state.ts';

/** What is done by then needs no telling. */
const QUIET_MS = 100;
/** From here on something moves, so that nobody thinks that it hangs. */
const SPIN_MS = 1_000;
const SPIN_STEP_MS = 100;
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

const STAGES = ['signed', 'stamped', 'sealed', 'sent', 'answered', 'verified'] as const;
const DONE: { readonly [Name in Stage['stage']]: string | undefined } = {
  signed: 'signed ✓',
  stamped: 'timestamp ✓',
  sealed: 'sealed ✓',
  // What was sent is what waits.
  sent: undefined,
  answered: 'answered ✓',
  verified: 'receipt ✓',
};
const NEXT: { readonly [Name in Stage['stage']]: string } = {
  signed: 'signing',
  stamped: 'waiting for the timestamp',
  sealed: 'sealing',
  sent: 'waiting for the connection',
  answered: 'waiting for the answer',
  verified: 'verifying the receipt',
};

/** Of the command that is on its way for longest; `undefined` where there is nothing to say. */
export function progressText({ running, moment, connection }: ScreenState): string | undefined {
  const [oldest, ...others] = running;
  if (oldest === undefined) return undefined;
  const age = moment.monotonic - oldest.startedAt;
  if (age < QUIET_MS) return undefined;
  const spinner = age < SPIN_MS ? '' : `${SPINNER[Math.floor(age / SPIN_STEP_MS) % SPINNER.length]} `;
  const more = others.length === 0 ? '' : `  (${others.length} more)`;
  return `${spinner}${[...doneWords(oldest), nextWord(oldest, connection.kind === 'up')].join(' · ')}${more}`;
}

function doneWords({ stages }: Running): string[] {
  return stages.flatMap(({ stage, afterMs }, index) => {
    const word = DONE[stage];
    if (word === undefined) return [];
    // How long others took is worth telling.
    const took = Math.round(afterMs - (stages[index - 1]?.afterMs ?? 0));
    return [stage === 'stamped' ? `${word} ${took} ms` : word];
  });
}

function nextWord({ stages, name, records }: Running, isUp: boolean): string {
  const last = stages.at(-1);
  // The public log is read over connections of its own.
  if (name === 'verify') return records === undefined ? 'reading the journal' : `${records} records read`;
  if (!isUp) return NEXT.sent;
  if (last === undefined && name !== 'bid' && name !== 'list') return NEXT.answered;
  const next = STAGES[last === undefined ? 0 : STAGES.indexOf(last.stage) + 1];
  return next === undefined ? 'done' : NEXT[next];
}
