/** Those who flood, in a process of their own. */
import { answerQuestions } from '../answer-questions.ts';
import { Flood } from './flood.ts';
import type { FloodAnswer, FloodQuestion } from './messages.ts';
import { Person } from './person.ts';

const people: Person[] = [];
let flood: Flood | undefined;

async function answerTo(question: FloodQuestion): Promise<FloodAnswer> {
  if (question.type === 'enrol') {
    for (let index = 0; index < question.people; index += 1)
      people.push(await Person.enrol(question, `attacker-${index}`));
    return { done: true };
  }
  if (question.type === 'aim') {
    flood = new Flood(people, question);
    return { done: true };
  }
  if (flood === undefined) throw new Error('they were not told where');
  if (question.type === 'flood') return flood.run(question.ms);
  await flood.prepare(question);
  return { done: true };
}

answerQuestions(answerTo);
