/** The bidders, in a process of their own: does what the bench says, one thing at a time, until the bench is gone. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { KeyStore } from '../../client/identity/key-store.ts';
import { type OpenedAccess, openAccess } from '../../client/open-access.ts';
import { verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { CrowdedHouse } from './crowded-house.ts';
import type { CrowdAnswer, CrowdQuestion } from './messages.ts';

const ENROL_LIMIT_MS = 60_000;

const everybody: OpenedAccess[] = [];
const houses = new Map<string, CrowdedHouse>();

async function answerTo(question: CrowdQuestion): Promise<CrowdAnswer> {
  if (question.type === 'enrol') {
    const root = verifyRoot(question.rootPem);
    const patience = { machine: systemClock, newId: randomUUID, signal: AbortSignal.timeout(ENROL_LIMIT_MS) };
    for (let index = 0; index <= question.bidders; index += 1) {
      const username = `bidder-${index}`;
      const store = await KeyStore.open(join(question.folder, username));
      const { trustedServiceUrl } = question;
      everybody.push(
        await openAccess({ store, root, trustedServiceUrl, username }, { ...patience, limitMs: ENROL_LIMIT_MS }),
      );
    }
    return { done: true };
  }
  if (question.type === 'join') {
    const house = await CrowdedHouse.join(everybody, question.urls);
    await house.list(question.lots);
    houses.set(question.house, house);
    return { done: true };
  }
  const house = houses.get(question.house);
  if (house === undefined) throw new Error(`nobody is in ${question.house}`);
  return await house.bid(question.count, question.atOnce);
}

process.on('message', async (question: CrowdQuestion) => {
  process.send?.(await answerTo(question));
});
process.once('disconnect', () => process.exit());
