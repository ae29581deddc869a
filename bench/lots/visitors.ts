/** People in a house, in a process of their own: does what the bench says, one thing at a time, until the bench is gone. */
import { answerQuestions } from '../answer-questions.ts';
import { enrolAll } from '../commands/enrol-all.ts';
import { Hall } from './hall.ts';
import type { HallAnswer, HallQuestion } from './messages.ts';

let hall = new Hall([]);

async function answerTo(question: HallQuestion): Promise<HallAnswer> {
  switch (question.type) {
    case 'enrol':
      hall = new Hall(await enrolAll(question));
      return { done: true };
    case 'enter':
      await hall.enter(question.url, question.since);
      return { done: true };
    case 'list':
      await hall.list(question.lots, question.closesAt, question.bidOn);
      return { done: true };
    case 'bid':
      return hall.bid(question.count, question.underWay);
    case 'bid-through':
      return hall.bidThrough(question.perSecond, question.closings, question.afterMs);
    case 'first-bid':
      return hall.firstBid(question.url);
  }
}

answerQuestions(answerTo);
