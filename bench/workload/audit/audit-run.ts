/**
 * The auditor of a bench or a soak: a second, far simpler idea of the truth. It takes the journal as it was exported and the notes of
 * every client, and none of the house's rules.
 */
import type { Note } from '../notes.ts';
import { CommandCheck } from './commands.ts';
import type { Problem, Report } from './problem.ts';
import type { Recorded } from './recorded.ts';
import { foldLots } from './sold-lots.ts';
import { HeardCheck, TellingOrder } from './told.ts';

export interface RunEvidence {
  readonly records: readonly Recorded[];
  /** Of each life of each client process, in the order of their beginning. */
  readonly notes: Iterable<AsyncIterable<Note> | Iterable<Note>>;
  /** The clock was set beyond every closing, and everybody was given the time to hear of it. */
  readonly isOver: boolean;
}

export interface RunAudit {
  readonly problems: readonly Problem[];
  readonly records: number;
  readonly lots: number;
  readonly sold: number;
  readonly acknowledged: number;
  /** Announcements that somebody heard, counted for each who did. */
  readonly heard: number;
  /** Commands that were wrong on purpose. */
  readonly harmed: number;
}

export async function auditRun({ records, notes, isOver }: RunEvidence): Promise<RunAudit> {
  const problems: Problem[] = [];
  const report: Report = (rule, detail) => problems.push({ rule, detail });
  const lots = foldLots(records, isOver, report);
  const commands = new CommandCheck(records, report);
  const order = new TellingOrder(records);
  let [heard, harmed] = [0, 0];
  for (const life of notes) {
    const check = new HeardCheck(order, report);
    for await (const note of life) {
      check.take(note);
      commands.take(note);
      demandHarmless(note, report);
      harmed += note.note === 'harmed' ? 1 : 0;
    }
    heard += check.compared;
  }
  commands.finish(lots, isOver);
  const sold = [...lots.values()].filter(({ closed }) => closed?.record.outcome === 'sold').length;
  return {
    problems,
    records: records.length,
    lots: lots.size,
    sold,
    acknowledged: commands.acknowledged,
    heard,
    harmed,
  };
}

/** Nobody who means harm gets anywhere, and nobody else ever has to give up. */
function demandHarmless(note: Note, report: Report): void {
  if (note.note === 'harmed' && note.isAccepted) report('hostile-accepted', `${note.move} of intruder ${note.who}`);
  if (note.note === 'failed' || note.note === 'trouble')
    report('client-failed', `guest ${note.who}: ${note.code} ${note.text}`);
}
