/** People in a house, in a process of their own: does what the bench says, one thing at a time, until the bench is gone. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { KeyStore } from '../../client/identity/key-store.ts';
import { type OpenedAccess, openAccess } from '../../client/open-access.ts';
import { verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { Hall } from './hall.ts';
import type { HallAnswer, HallQuestion } from './messages.ts';

const ENROL_LIMIT_MS = 60_000;

let hall = new Hall([]);

async function answerTo(question: HallQuestion): Promise<HallAnswer> {
  switch (question.type) {
    case 'enrol':
      hall = new Hall(await enrol(question));
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

type Enrolment = Extract<HallQuestion, { readonly type: 'enrol' }>;

async function enrol({ folder, trustedServiceUrl, rootPem, names }: Enrolment): Promise<OpenedAccess[]> {
  const root = verifyRoot(rootPem);
  const patience = { machine: systemClock, newId: randomUUID, signal: AbortSignal.timeout(ENROL_LIMIT_MS) };
  const people: OpenedAccess[] = [];
  for (const username of names) {
    const store = await KeyStore.open(join(folder, username));
    const options = { store, root, trustedServiceUrl, username };
    people.push(await openAccess(options, { ...patience, limitMs: ENROL_LIMIT_MS }));
  }
  return people;
}

process.on('message', async (question: HallQuestion) => {
  process.send?.(await answerTo(question));
});
process.once('disconnect', () => process.exit());
