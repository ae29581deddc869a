/** Those who flood the bench's house do what they are said to do, and the house answers as it should. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Flood } from '../../bench/floods/flood.ts';
import type { Kind } from '../../bench/floods/messages.ts';
import { Person } from '../../bench/floods/person.ts';
import { digestOfTerms } from '../../shared/crypto/digest.ts';
import { FORGIVING } from '../support/house-servers.ts';
import { RunningHouse } from '../support/running-house.ts';
import { until } from '../support/until.ts';

const LIMIT_MS = 60_000;

let running: RunningHouse;
let flood: Flood;
beforeAll(async () => {
  running = await RunningHouse.start({ rates: { ...FORGIVING, entries: { perSecond: 1_000, burst: 1_000 } } });
  const rootPem = running.root.pem;
  const enrolment = { folder: running.home, trustedServiceUrl: running.serviceUrl, rootPem, people: 1 };
  const person = await Person.enrol(enrolment, 'attacker');
  const seller = await running.participant('sally');
  const socket = await running.rawSocket(seller);
  const { lot, terms } = await running.list(seller, socket, { startingPrice: 100 });
  const lots = [{ lot, terms: digestOfTerms(terms) }];
  flood = new Flood([person], { url: running.dmsUrl, rootPem, house: socket.offer!.house, lots });
}, LIMIT_MS);
afterAll(() => running.close());

async function attack(kind: Kind) {
  await flood.prepare({ kind, connections: 2, spread: 'one', first: 0, people: 1 });
  return flood.run(700);
}

describe('a flood', () => {
  it.each([
    ['garbage', 'envelope-unreadable'],
    ['signatures', 'signature-invalid'],
    ['low', 'bid-below-starting-price'],
  ] as const)('of %s is answered %s', async (kind, outcome) => {
    // The first ones may be over before the house has got going.
    const { sent, answers } = await until(outcome, async () => {
      const seen = await attack(kind);
      return seen.answers[outcome] !== undefined && seen;
    });
    expect(sent).toBeGreaterThan(0);
    expect(answers['accepted']).toBeUndefined();
  });

  it('of reconnects comes in again and again', async () => {
    expect((await attack('reconnects')).entered).toBeGreaterThan(2);
  });
});
