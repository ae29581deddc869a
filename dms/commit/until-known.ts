/** Patience: with a journal that is away, which alone can tell what it has done, so it is asked until it does; and with everybody else. */
import { JournalAway, JournalFailed } from '../journal/journal.ts';

/** We end while nobody can say what became of a batch: those who wait for it get no answer. */
export class StoppedWaiting extends JournalFailed {}

/**
 * Resolves when what has arrived in this turn of the event loop is taken up: everybody else gets on by a step. By the global
 * timers and not those of a module, since virtual time takes the place of the former.
 */
export const turnOver = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Asks again and again while the journal is away, and calls `whileAway` each time; the journal itself makes the pauses. */
export async function untilKnown<Answer>(ask: () => Promise<Answer>, whileAway: () => void): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof JournalAway)) throw error;
      whileAway();
    }
  }
}

/** Asks once, for those who can do without: what is known already is still true while the journal is away. */
export async function unlessAway(ask: () => Promise<void>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof JournalAway)) throw error;
  }
}
