/** The DMS never learns a name: it is in none of its files, logs or memory, and no public byte holds a subject or a name. */
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DmsProcess } from '../support/dms-process.ts';
import { filesIn, filesWith, formsOf, nestedFormsOf } from '../support/files-in.ts';
import type { HandParticipant } from '../support/hand-participant.ts';
import { OPERATOR_TOKEN } from '../support/house-servers.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { type ListedLot, RunningHouse } from '../support/running-house.ts';
import { until } from '../support/until.ts';

const PEOPLE = ['xyzanthippe', 'quetzalcoatlus', 'brobdingnagian', 'zwieselstein'].map((username) => ({
  username,
  contact: `${username}-reachable@kontakt.example`,
}));
const TITLE = 'Barometer of Fitzroy';

let house: RunningHouse;
let dms: DmsProcess;
let people: HandParticipant[];
let sockets: RawSocket[];
let watcher: RawSocket;
let lot: ListedLot;
let seed = 7;

beforeAll(async () => {
  house = await RunningHouse.start({ withoutDms: true });
  dms = await DmsProcess.start(house);
  people = await Promise.all(PEOPLE.map(({ username, contact }) => house.participant(username, contact)));
  sockets = await Promise.all(people.map((person) => house.rawSocket(person)));
  watcher = await house.rawSocket(await house.participant('watcher'));
  await playAuction();
});
afterAll(async () => {
  await dms.kill();
  await house.close();
});

/** A whole auction: a listing, bids of everybody in a random order, a bid in the grace, a sale, a lot without bids. */
async function playAuction(): Promise<void> {
  const closesAt = Math.round(house.now()) + 60_000;
  lot = await house.list(people[0]!, sockets[0]!, { title: TITLE, closesAt });
  await house.list(people[1]!, sockets[1]!, { title: 'Nobody wants this', closesAt });
  for (let round = 0; round < 30; round++) {
    const bidder = 1 + random(people.length - 1);
    await house.bid(people[bidder]!, sockets[bidder]!, lot, 100 + round + random(3));
  }
  // Stamped in time, sent after the closing: withheld until the lot is closed.
  const [bidder, socket] = [people[2]!, sockets[2]!];
  const statement = await house.statement(bidder, house.bidClaims(lot, 500));
  await house.travelTo(closesAt - 1_000);
  const timestamp = await bidder.stamp(statement);
  await until('the closing', () => house.now() >= closesAt + 100);
  const late = await socket.ask('command', bidder.seal(statement, timestamp, socket.sealingKey));
  expect(late).toMatchObject({ outcome: 'accepted' });
  await house.travelPastClosing(closesAt);
  await Promise.all([sockets[0]!, sockets[1]!, sockets[2]!].map((party) => party.told('auction_closed')));
  await watcher.told('item_closed', 2);
}

/** Park and Miller's generator, so that a run can be repeated. */
function random(below: number): number {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed % below;
}

describe('the metrics', () => {
  it('of the Trusted Service name nobody, and the DMS has none', async () => {
    const text = await metricsOf(house.serviceUrl);
    // It counts what was asked for: by what, not by whom.
    expect(text).toContain('/api/timestamp');
    const secrets = [
      ...PEOPLE.flatMap(({ username, contact }) => [username, contact]),
      ...people.flatMap(({ subject, parsed }) => [subject, parsed.serialHex, parsed.sha256, parsed.x5tS256]),
      '127.0.0.1',
    ];
    for (const form of secrets.flatMap((secret) => formsOf(Buffer.from(secret)))) {
      expect(text.includes(form.toString('latin1')), String(form)).toBe(false);
    }
    expect(JSON.parse(await metricsOf(house.dmsUrl))).toMatchObject({ code: 'not-found' });
  });
});

describe('the DMS after a whole auction', () => {
  it('has no name and no contact in its files and its log', async () => {
    const files = filesIn(house.home).filter(({ path }) => path.startsWith(`${house.home}/dms/`));
    expect(files.map(({ path }) => path).filter((path) => path.includes('journal.sqlite'))).not.toEqual([]);
    for (const { username, contact } of PEOPLE) {
      for (const form of [username, contact].flatMap((text) => nestedFormsOf(Buffer.from(text)))) {
        const holders = files.filter(({ bytes }) => bytes.includes(form)).map(({ path }) => path);
        expect(holders, String(form)).toEqual([]);
        expect(dms.log.includes(form.toString()), String(form)).toBe(false);
      }
    }
    // It would be found: the title is in the journal, and in the Trusted Service's files are the names.
    expect(filesWith(files, TITLE)).not.toEqual([]);
    expect(filesWith(filesIn(`${house.home}/trusted-service`), PEOPLE[0]!.username)).not.toEqual([]);
  });

  it('has told the two parties alone: their envelopes hold the names', () => {
    expect(people[0]!.open(sockets[0]!.notices[0]!.envelope!)).not.toBe('');
    expect(people[2]!.open(sockets[2]!.notices[0]!.envelope!)).not.toBe('');
  });
});

describe('what everybody hears', () => {
  it('has every kind of event in it', () => {
    const kinds = new Set(watcher.heard.map(({ name }) => name));
    expect(kinds).toEqual(new Set(['someone_listed', 'someone_bid', 'item_closed', 'checkpoint']));
  });

  it('holds no subject, name, certificate or session of anybody', () => {
    // Of what a socket gets by itself; the answers to its own handshake name it, to itself.
    const broadcast = [watcher, ...sockets].flatMap(({ frames }) =>
      frames.filter(({ from, text }) => from === 'dms' && text.startsWith('message 2')).map(({ text }) => text),
    );
    const text = broadcast.filter((one) => !one.includes('auction_closed')).join('\n');
    expect(text).toContain(TITLE);
    const secrets = [
      ...PEOPLE.flatMap(({ username, contact }) => [username, contact]),
      ...people.flatMap(({ subject, parsed }) => [subject, parsed.serialHex, parsed.sha256, parsed.x5tS256]),
      ...sockets.flatMap(({ offer, sid }) => [offer!.session, sid]),
    ].flatMap((secret) => formsOf(Buffer.from(secret)));
    const raw = people.flatMap(({ subject }) => formsOf(Buffer.from(subject, 'base64url')));
    for (const form of [...secrets, ...raw]) expect(text.includes(form.toString('latin1')), String(form)).toBe(false);
  });

  it('gives every announcement a pseudonym of its own, and a closing that of the winning bid', () => {
    const of = (name: string) => watcher.heard.filter((event) => event.name === name).flatMap(({ args }) => args[0]);
    const announced = [...of('someone_listed'), ...of('someone_bid')].map(({ pseudonym }) => pseudonym);
    expect(announced.length).toBeGreaterThan(20);
    expect(new Set(announced).size).toBe(announced.length);
    const [sold] = of('item_closed').filter(({ outcome }) => outcome === 'sold');
    expect(of('someone_bid').find(({ pseudonym }) => pseudonym === sold.pseudonym)).toMatchObject({ amount: 500 });
  });

  it('is the same for everybody, whoever bid', () => {
    const heardBy = (socket: RawSocket) =>
      socket.heard
        .filter(({ name }) => name !== 'auction_closed')
        .map(({ name, args }) => JSON.stringify([name, args]));
    for (const socket of sockets) expect(heardBy(socket)).toEqual(heardBy(watcher));
  });
});

describe('the DMS, looked at from inside', () => {
  // The last test: the signal for the snapshot ends the process as well.
  it('has no name in its memory', { timeout: 20_000 }, async () => {
    const memory = await dms.memory();
    // Compared as a boolean: a difference of a whole heap is nothing to print.
    expect(memory.includes(TITLE)).toBe(true);
    expect(memory.includes(people[0]!.subject)).toBe(true);
    for (const { username } of PEOPLE) {
      for (const form of nestedFormsOf(Buffer.from(username))) {
        expect(memory.includes(form.toString()), String(form)).toBe(false);
      }
    }
  });
});

/** As the operator reads them. */
function metricsOf(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` };
    const sent = request(new URL('/metrics', url), { ca: house.root.pem, headers, agent: false }, (answer) => {
      text(answer).then(resolve, reject);
    });
    sent.on('error', reject).end();
  });
}
