/** The honest, in a process of their own: bidders who bid at moments that are fixed beforehand, whoever else is there. */
import { setTimeout as pause } from 'node:timers/promises';
import type { SignedStatement } from '../../client/sealing/seal-command.ts';
import { digestOfTerms } from '../../shared/crypto/digest.ts';
import { answerQuestions } from '../answer-questions.ts';
import { lotTerms } from '../commands/lot-terms.ts';
import { machineNow } from '../machine-now.ts';
import { frameOf } from '../web-socket/frames.ts';
import {
  type HonestAnswer,
  type HonestBid,
  type HonestQuestion,
  type LotOnOffer,
  NOT_STAMPED,
  type Place,
} from './messages.ts';
import { type Entered, Person, sealed } from './person.ts';

/** A bid is stamped and sealed so long before it leaves: a stamp is good for three seconds. */
const AHEAD_MS = 600;
/** Signatures do not grow old. So many are made before the first bid leaves; the rest one by one. */
const SIGNED_AHEAD = 200;

interface Bidder extends Entered {
  readonly person: Person;
}

const people: Person[] = [];
const bidders: Bidder[] = [];
const lots: LotOnOffer[] = [];
let collected: HonestBid[] = [];
let made = 0;

async function enter({ url, rootPem }: Place, count: number): Promise<string> {
  const { hostname: host, port } = new URL(url);
  for (const [index, person] of people.entries()) {
    const address = { host, port: Number(port), ca: rootPem, from: `127.2.0.${index + 1}` };
    bidders.push({ person, ...(await person.enter(address)) });
  }
  const seller = bidders.shift() as Bidder;
  const { house } = seller.offer;
  for (let index = 0; index < count; index += 1) {
    const terms = lotTerms(index);
    const lot = crypto.randomUUID();
    const signed = await seller.person.sign(house, { type: 'list', id: lot, ...terms });
    const { statement } = signed;
    const argument = await sealed(statement, await seller.person.stamp(signed), seller.sealingKey);
    const answer = await seller.wire.ask('command', argument);
    if (answer?.['outcome'] !== 'accepted') throw new Error(`not listed: ${JSON.stringify(answer)}`);
    lots.push({ lot, terms: digestOfTerms(terms) });
  }
  for (let index = 0; index < count; index += 1) await bid(await sign(), Date.now());
  collected = [];
  return house;
}

interface Signed {
  readonly bidder: Bidder;
  readonly signed: SignedStatement;
}

/** The next bid: each on the next lot, by the next bidder, one more than the last one there. */
async function sign(): Promise<Signed> {
  const number = made;
  made += 1;
  const round = Math.floor(number / lots.length);
  const bidder = bidders[(number + round) % bidders.length] as Bidder;
  const on = lots[number % lots.length];
  const signed = await bidder.person.sign(bidder.offer.house, { type: 'bid', ...on, amount: round + 2 });
  return { bidder, signed };
}

/** Stamps and seals it now, sends it at `at`, and notes its answer. */
async function bid({ bidder: { person, wire, sealingKey }, signed }: Signed, at: number): Promise<void> {
  const timestamp = await person.stamp(signed).catch(() => undefined);
  if (timestamp === undefined) {
    // On a machine that is far too busy; it says nothing of the house.
    collected.push({ at, ms: 0, outcome: NOT_STAMPED });
    return;
  }
  const argument = await sealed(signed.statement, timestamp, sealingKey);
  const id = wire.reserve();
  const frame = frameOf(`42${id}["command","${argument}"]`);
  const wait = at - machineNow();
  if (wait > 0) await pause(wait);
  const answering = wire.answerTo(id);
  wire.send(frame);
  const answer = await answering;
  collected.push({
    at,
    ms: machineNow() - at,
    outcome: String(answer?.['reason'] ?? answer?.['code'] ?? answer?.['outcome'] ?? 'unanswered'),
  });
}

async function bidOn(perSecond: number): Promise<never> {
  const signed: Signed[] = [];
  while (signed.length < SIGNED_AHEAD) signed.push(await sign());
  for (let at = machineNow() + AHEAD_MS; ; at += 1_000 / perSecond) {
    const wait = at - AHEAD_MS - machineNow();
    if (wait > 0) await pause(wait);
    void bid(signed.shift() as Signed, at);
    signed.push(await sign());
  }
}

async function answerTo(question: HonestQuestion): Promise<HonestAnswer> {
  switch (question.type) {
    case 'enrol':
      // One more than there are bidders: somebody sells.
      for (let index = 0; index <= question.people; index += 1)
        people.push(await Person.enrol(question, `honest-${index}`));
      return { done: true };
    case 'enter':
      return { house: await enter(question, question.lots), lots };
    case 'bid':
      void bidOn(question.perSecond);
      return { done: true };
    case 'collect': {
      const bids = collected;
      collected = [];
      return { bids };
    }
  }
}

answerQuestions(answerTo);
