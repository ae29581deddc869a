/** The bidders, in a process of their own: does what the bench says, one thing at a time, until the bench is gone. */
import type { OpenedAccess } from '../../client/open-access.ts';
import { answerQuestions } from '../answer-questions.ts';
import { appendAlone } from './append-alone.ts';
import { CrowdedHouse } from './crowded-house.ts';
import { enrolAll } from './enrol-all.ts';
import type { Heard } from './heard.ts';
import type { CrowdAnswer, CrowdQuestion } from './messages.ts';

const everybody: OpenedAccess[] = [];
const houses = new Map<string, CrowdedHouse>();

async function answerTo(question: CrowdQuestion): Promise<CrowdAnswer> {
  switch (question.type) {
    case 'enrol': {
      // One more than there are bidders: somebody sells.
      const usernames = Array.from({ length: question.bidders + 1 }, (_, index) => `bidder-${index}`);
      everybody.push(...(await enrolAll({ ...question, usernames })));
      return { done: true };
    }
    case 'join': {
      const house = await CrowdedHouse.join(everybody, question.urls);
      await house.list(question.lots);
      houses.set(question.house, house);
      return { done: true };
    }
    case 'bid':
      return houseOf(question).bid(question.count);
    case 'bid-steadily':
      return houseOf(question).bidSteadily(question.everyMs, question.forMs);
    case 'bid-alone':
      return houseOf(question).bidAlone(question.count);
    case 'append-alone':
      return appendAlone(question.database, houseOf(question).heard[0] as Heard, question.count);
  }
}

function houseOf({ house }: { readonly house: string }): CrowdedHouse {
  const joined = houses.get(house);
  if (joined === undefined) throw new Error(`nobody is in ${house}`);
  return joined;
}

answerQuestions(answerTo);
