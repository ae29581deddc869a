/** A part of the bidders, in a process of its own: does what the bench says, one thing at a time, until the bench is gone. */
import { answerQuestions } from '../answer-questions.ts';
import { enrolAll } from '../commands/enrol-all.ts';
import { poissonMoments } from './arrivals.ts';
import { Hall } from './hall.ts';
import type { HallAnswer, HallQuestion } from './messages.ts';

let hall: Hall | undefined;

async function answerTo(question: HallQuestion): Promise<HallAnswer> {
  if (question.type === 'enrol') {
    hall = new Hall(await enrolAll(question));
    return { done: true };
  }
  if (hall === undefined) throw new Error('nobody is enrolled');
  switch (question.type) {
    case 'enter':
      if (question.side === 'house') await hall.enterHouse(question.url, question.lots);
      else await hall.enterYardstick(question.side, question.url);
      return { done: true };
    case 'prepare':
      await hall.prepare(question.count);
      return { done: true };
    case 'saturate':
      return hall.saturate(question.side, question.ms, question.window);
    case 'arrive':
      return hall.arrive(question.side, poissonMoments(question.seed, question.perSecond, question.ms));
  }
}

answerQuestions(answerTo);
