/** How long one bid takes its bidder, from the call to the receipt that was verified, when nobody else is at work. */
import { fileURLToPath } from 'node:url';
import type { BenchSettings } from '../bench.ts';
import { Child } from '../child.ts';
import { profiling } from '../commands/houses.ts';
import { compared, type Figure, judged } from '../report.ts';
import { median, percentile } from '../statistics.ts';
import type { Alone, ParticipantAnswer, ParticipantQuestion } from './messages.ts';
import type { Stage } from './stage.ts';

export const ALONE = 'bid-to-receipt';

const ROUNDS = 20;
const EACH = 15;
const MOST_MORE_MS = 5;

export async function measureAlone(
  { serverOf, enrolment }: Stage,
  { env, signal, scale, profile }: BenchSettings,
): Promise<Figure> {
  const file = fileURLToPath(new URL('./participant.ts', import.meta.url));
  const participant = new Child({
    pinning: [],
    nodeOptions: profiling('participant', profile),
    ...{ file, env, signal },
  });
  const ask = <Answer extends ParticipantAnswer>(question: ParticipantQuestion) =>
    participant.ask<ParticipantQuestion, Answer>(question);
  try {
    const urls = { house: serverOf('house').url, empty: serverOf('empty').url };
    await ask({ type: 'connect', enrolment: { ...enrolment, usernames: ['participant'] }, urls });
    // The first ones warm up.
    await ask({ type: 'bid', count: EACH });
    const rounds: Alone[] = [];
    for (let round = 0; round < Math.max(1, ROUNDS * scale) && !signal.aborted; round += 1)
      rounds.push(await ask<Alone>({ type: 'bid', count: EACH }));
    return figure(rounds);
  } finally {
    await participant.stop();
  }
}

function figure(rounds: readonly Alone[]): Figure {
  const measured = compared({
    ...{ name: ALONE, unit: 'ms', values: rounds.map(({ bidMs }) => median(bidMs)) },
    ...{ yardstick: 'two empty round trips', besides: rounds.map(({ emptyMs }) => median(emptyMs)) },
  });
  const all = (valuesOf: (round: Alone) => readonly number[]) => rounds.flatMap(valuesOf);
  const stages = Object.keys(rounds[0]?.stages ?? {});
  const reached = stages.map((stage) => {
    const times = all((round) => round.stages[stage] ?? []);
    return `${stage} ${median(times).toFixed(1)}`;
  });
  const [bid, empty] = [all(({ bidMs }) => bidMs), all(({ emptyMs }) => emptyMs)];
  const notes = [
    `${measured.note}, ${bid.length} bids one after another with pauses`,
    `p99 ${percentile(bid, 0.99).toFixed(1)} ms beside ${percentile(empty, 0.99).toFixed(1)}`,
    `reached after ms: ${reached.join(', ')}`,
  ];
  return judged({ ...measured, note: notes.join('; ') }, { atMostMore: MOST_MORE_MS });
}
