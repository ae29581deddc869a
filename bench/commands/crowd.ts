/** The bidders, in a process of their own: does what the bench says, one thing at a time, until the bench is gone. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { KeyStore } from '../../client/identity/key-store.ts';
import { type OpenedAccess, openAccess } from '../../client/open-access.ts';
import { verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { appendAlone } from './append-alone.ts';
import { CrowdedHouse } from './crowded-house.ts';
import type { Heard } from './heard.ts';
import type { CrowdAnswer, CrowdQuestion } from './messages.ts';

const ENROL_LIMIT_MS = 60_000;

const everybody: OpenedAccess[] = [];
const houses = new Map<string, CrowdedHouse>();

async function answerTo(question: CrowdQuestion): Promise<CrowdAnswer> {
  switch (question.type) {
    case 'enrol': {
      const root = verifyRoot(question.rootPem);
      const patience = { machine: systemClock, newId: randomUUID, signal: AbortSignal.timeout(ENROL_LIMIT_MS) };
      // One more than there are bidders: somebody sells.
      for (let index = 0; index <= question.bidders; index += 1) {
        const username = `bidder-${index}`;
        const store = await KeyStore.open(join(question.folder, username));
        const options = { store, root, trustedServiceUrl: question.trustedServiceUrl, username };
        everybody.push(await openAccess(options, { ...patience, limitMs: ENROL_LIMIT_MS }));
      }
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

process.on('message', async (question: CrowdQuestion) => {
  process.send?.(await answerTo(question));
});
process.once('disconnect', () => process.exit());
