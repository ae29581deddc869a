/** Records that come to a house from beside its nodes: when they are on disk, handed on, and announced by a node. */
import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { PostgresJournal } from '../../dms/journal/postgres-journal.ts';
import { ANNOUNCEMENT_TICK_MS } from '../../shared/wire/limits.ts';
import { HouseId } from '../../shared/wire/vocabulary.ts';
import { Bids } from '../journal/bids.ts';
import { Heard } from './heard.ts';
import type { Appending } from './messages.ts';

const LONGEST_PAUSE_MS = 3 * ANNOUNCEMENT_TICK_MS;

/** Appends listings and bids to the journal in `url`, one after another, and waits until each was announced, which `announced` tells. */
export async function appendAlone(url: string, announced: Heard, count: number): Promise<Appending> {
  const [writer, follower] = [open(url), open(url)];
  const stop = new AbortController();
  const handedOn = new Heard();
  const { position } = await writer.open();
  await follower.open();
  const following = follower.subscribe(position, async (records) => handedOn.note(records), stop.signal);
  const bids = await Bids.load();
  const times = { durableMs: [] as number[], handedOnMs: [] as number[], announcedMs: [] as number[] };
  try {
    for (const entry of bids.take(count)) {
      await pause(randomInt(LONGEST_PAUSE_MS));
      const from = performance.now();
      const [outcome] = await writer.append([entry]);
      if (outcome?.ok !== true) throw new Error(`not appended: ${JSON.stringify(outcome)}`);
      times.durableMs.push(performance.now() - from);
      times.handedOnMs.push((await handedOn.when(outcome.position)) - from);
      times.announcedMs.push((await announced.when(outcome.position)) - from);
    }
    return times;
  } finally {
    stop.abort();
    await following;
    await writer.close();
    await follower.close();
  }
}

function open(url: string): PostgresJournal {
  return new PostgresJournal({ url, newHouse: HouseId.parse(randomUUID()) });
}
