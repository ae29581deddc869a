/** A process full of watchers: does what the bench says, one thing at a time, until the bench is gone. */
import { answerQuestions } from '../answer-questions.ts';
import { SESSIONS_PER_PARTICIPANT, type WatchedKind, type WatcherAnswer, type WatcherQuestion } from './messages.ts';
import { enrolAll, type Participant } from './participants.ts';
import { openSession, type Place } from './sessions.ts';
import { Watched } from './watched.ts';

/** Handshakes under way: enough to keep the server busy, and none waits long. */
const AT_ONCE = 12;

const watched = new Map<WatchedKind, Watched>();
let participants: Participant[] = [];

async function answerTo(question: WatcherQuestion): Promise<WatcherAnswer> {
  switch (question.type) {
    case 'enrol':
      participants = await enrolAll(question.trustedServiceUrl, question.rootPem, question.names);
      return { done: true };
    case 'open':
      await open(question, question.connections);
      return { done: true };
    case 'clear':
      placeOf(question.kind).clear();
      return { done: true };
    case 'seen':
      return placeOf(question.kind).seen;
    case 'leave':
      placeOf(question.kind).close();
      return { done: true };
  }
}

async function open(place: Place, connections: number): Promise<void> {
  const here = placeOf(place.kind);
  const from = here.size;
  let next = from;
  const work = async () => {
    while (next < from + connections) {
      const number = next;
      next += 1;
      const participant = participants[Math.floor(number / SESSIONS_PER_PARTICIPANT)];
      if (place.kind === 'house' && participant === undefined) throw new Error('there are too few participants');
      here.add(await openSession(place, place.kind === 'house' ? participant : undefined));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

function placeOf(kind: WatchedKind): Watched {
  const known = watched.get(kind) ?? new Watched();
  watched.set(kind, known);
  return known;
}

answerQuestions(answerTo);
