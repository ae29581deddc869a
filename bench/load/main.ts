/** A load process: does what the bench says, one thing at a time, until the bench is gone. */
import { answerQuestions } from '../answer-questions.ts';
import { Connections } from './connections.ts';
import type { LoadAnswer, LoadQuestion } from './messages.ts';

const opened = new Map<string, Connections>();

async function answerTo(question: LoadQuestion): Promise<LoadAnswer> {
  if (question.type === 'open') {
    opened.set(question.target.name, await Connections.open(question.target));
    return { opened: true };
  }
  const connections = opened.get(question.target);
  if (connections === undefined) throw new Error(`${question.target} was not opened`);
  return await connections.run(question.ms, question.connections);
}

answerQuestions(answerTo);
