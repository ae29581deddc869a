/** Amounts that are no amounts: refused by their form, before any rule is asked. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompactJws } from '../../shared/wire/vocabulary.ts';
import type { HandParticipant } from '../support/hand-participant.ts';
import { FORGIVING } from '../support/house-servers.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { type ListedLot, RunningHouse } from '../support/running-house.ts';

/** JSON as it would stand in the statement: some of these no serializer would write. */
const STRANGE = [
  '9007199254740993',
  '1e21',
  '1000000000001',
  '-0',
  '0',
  '-1',
  '0.5',
  '150.5',
  '1e-7',
  'NaN',
  'Infinity',
  '-Infinity',
  '1e999',
  '"150"',
  '"1.5"',
  '"١٥٠"',
  '"１５０"',
  '١٥٠',
  '0x96',
  '0150',
  '+150',
  '150n',
  '1_50',
  'null',
  'true',
  '[150]',
  '{"valueOf":150}',
  '""',
  '"NaN"',
];
/** Other ways to write an integer, which mean the same to every reader. */
const HARMLESS = ['150.0', '1.5e2', '150'];

let house: RunningHouse;
let bidder: HandParticipant;
let socket: RawSocket;
let lot: ListedLot;
beforeAll(async () => {
  house = await RunningHouse.start({ rates: FORGIVING });
  const seller = await house.participant('sue');
  bidder = await house.participant('bob');
  lot = await house.list(seller, await house.rawSocket(seller));
  socket = await house.rawSocket(bidder);
});
afterAll(() => house.close());

/** Signs JSON as it stands here, whatever a serializer would make of it. */
async function signText(json: string): Promise<CompactJws> {
  const header = JSON.stringify({ alg: 'ES256', typ: 'command+jwt', kid: bidder.subject });
  const input = [header, json].map((part) => Buffer.from(part).toString('base64url')).join('.');
  const signature = await bidder.signer.sign(Buffer.from(input));
  return `${input}.${Buffer.from(signature).toString('base64url')}` as CompactJws;
}

async function sendText(claims: Record<string, unknown>, field: string, json: string) {
  const text = JSON.stringify({ v: 1, aud: house.house, id: crypto.randomUUID(), ...claims, [field]: '@' });
  const statement = await signText(text.replace('"@"', () => json));
  return socket.ask('command', bidder.seal(statement, await bidder.stamp(statement), socket.sealingKey));
}

describe('an amount', () => {
  it.each(STRANGE)('of %s is refused', async (json) => {
    expect(await sendText(house.bidClaims(lot, 150), 'amount', json)).toMatchObject({ code: 'malformed' });
  });

  it('is refused as a starting price and as an increment too', async () => {
    for (const json of STRANGE) {
      for (const field of ['startingPrice', 'increment']) {
        const listing = { type: 'list', ...house.terms() };
        expect(await sendText(listing, field, json), `${field} ${json}`).toMatchObject({ code: 'malformed' });
      }
    }
  });

  it('that stands twice is refused, whichever would count', async () => {
    const twice = '150,"amount":1';
    expect(await sendText(house.bidClaims(lot, 150), 'amount', twice)).toMatchObject({ code: 'malformed' });
  });

  it('has left nothing in the journal; an integer in another spelling is the integer', async () => {
    expect(await house.journalLength(socket)).toBe(1);
    const answers = [];
    for (const json of HARMLESS) answers.push(await sendText(house.bidClaims(lot, 150), 'amount', json));
    expect(answers[0]).toMatchObject({ outcome: 'accepted' });
    expect(answers.slice(1)).toEqual(answers.slice(1).map(() => ({ outcome: 'rejected', reason: 'tie-lost' })));
    expect(house.failures).toEqual([]);
  });

  it('at the greatest that is allowed is one', async () => {
    expect(await house.bid(bidder, socket, lot, 1_000_000_000_000)).toMatchObject({ outcome: 'accepted' });
  });
});
