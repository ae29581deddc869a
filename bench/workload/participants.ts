/** A part of the participants, in a process of their own: does what the bench says, as much at once as it says, until the bench is gone. */
import { answerQuestions } from '../answer-questions.ts';
import type { CrowdAnswer, CrowdQuestion, Numbered } from './messages.ts';
import { Seats } from './seats.ts';

let seats: Seats | undefined;

async function answerTo(question: CrowdQuestion): Promise<CrowdAnswer> {
  if (question.type === 'enrol') {
    seats = await Seats.enrol(question);
    return { done: true };
  }
  if (seats === undefined) throw new Error('nobody is enrolled');
  return seats.take(question);
}

answerQuestions(async ({ number, message }: Numbered<CrowdQuestion>): Promise<Numbered<CrowdAnswer>> => {
  return { number, message: await answerTo(message) };
});
