/** Whole auctions at random, and then every announcement, page of the log and answer that others get: none names anybody or links two records of one person. */
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Journal } from '../../dms/journal/journal.ts';
import { MemoryJournal } from '../../dms/journal/memory-journal.ts';
import type { Announcement } from '../../shared/wire/announcements.ts';
import { EntriesAnswer } from '../../shared/wire/log.ts';
import type { Position } from '../../shared/wire/vocabulary.ts';
import type { Participant } from '../support/participant.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { TEST_HOUSE } from '../support/test-authority.ts';
import { TestNode } from '../support/test-node.ts';
import { until } from '../support/until.ts';

let node: TestNode | undefined;
afterEach(() => node?.stop());

interface Plot {
  /** Which of three people offers each lot. */
  readonly sellers: readonly number[];
  /** Who bids on which lot. */
  readonly bids: readonly { readonly who: number; readonly lot: number }[];
}

const plots: fc.Arbitrary<Plot> = fc.record({
  sellers: fc.array(fc.nat(2), { minLength: 1, maxLength: 3 }),
  bids: fc.array(fc.record({ who: fc.nat(2), lot: fc.nat(2) }), { minLength: 2, maxLength: 10 }),
});

/** Plays the auctions to their end, notices and all. Returns everybody who took part, which record is whose, and who only watched. */
async function play({ sellers, bids }: Plot, house: TestNode) {
  const { socket: watcher } = await house.enter(await house.service.participant());
  const people = await Promise.all([0, 1, 2].map(() => house.service.participant()));
  const sockets = await Promise.all(people.map(async (person) => (await house.enter(person)).socket));
  const owners = new Map<Position, Participant>();
  const lots = [];
  for (const seller of sellers) {
    lots.push(await house.list(people[seller]!, sockets[seller]!, { startingPrice: 100 as never }));
    owners.set(house.house.position, people[seller]!);
  }
  for (const [index, { who, lot }] of bids.entries()) {
    const answer = await house.bid(people[who]!, sockets[who]!, lots[lot % lots.length]!, 1_000 * (index + 1));
    if (answer.outcome === 'accepted') owners.set(answer.position, people[who]!);
  }
  await house.close(lots[0]!.lot);
  const isOver = () =>
    [...house.house.lots.values()].every((lot) => lot.status !== 'sold' || lot.notices.seller !== undefined);
  await until('the disclosures', isOver);
  for (const socket of sockets) for (const { lot } of lots) await socket.ask('acknowledge', { lot });
  house.flush();
  await watcher.told('item_closed', lots.length);
  return { people, owners, watcher, sockets };
}

/** What one who takes no part is told and answered, and somebody who comes late: all of it but the handshake, which names him to himself. */
async function heardBy(watcher: RawSocket, house: TestNode) {
  const { current } = await house.enter(await house.service.participant());
  const missed = await watcher.ask('query', { type: 'announcements', since: 0 });
  const catalogue = await watcher.ask('query', { type: 'allitems' });
  const announcements: Announcement[] = missed.catchUp.announcements;
  return { announcements, text: JSON.stringify([watcher.heard, current, missed, catalogue]) };
}

/** Everything that a stranger can ask. */
async function publicBytes(house: TestNode): Promise<{ text: string; records: string[] }> {
  const get = async (path: string) => (await fetch(`${house.url}${path}`)).text();
  const size = house.house.position;
  const texts = [await get('/log/checkpoint'), await get('/log/entries?from=1')];
  for (const path of ['/', '/healthz', '/readyz', '/metrics', '/nowhere']) texts.push(await get(path));
  const records = EntriesAnswer.parse(JSON.parse(texts[1]!)).entries.map(({ record }) => record);
  for (let position = 1; position <= size; position++) {
    texts.push(await get(`/log/inclusion?position=${position}&size=${size}`));
    texts.push(await get(`/log/consistency?from=${position}&to=${size}`));
  }
  expect(records).toHaveLength(size);
  return { text: texts.join('\n'), records };
}

/** Bytes in every text form in which they could be written. */
const forms = (bytes: Uint8Array) =>
  (['base64url', 'base64', 'hex'] as const).map((form) => Buffer.from(bytes).toString(form));

/** What must not be public: who the people are, by any of their keys, papers and connections, and all that the journal keeps for the house. */
async function secretsOf(
  people: readonly Participant[],
  sockets: readonly RawSocket[],
  journal: Journal,
): Promise<string[]> {
  const connections = sockets.flatMap(({ sid, offer }) => [sid, offer!.session, offer!.serverNonce, offer!.sealingKey]);
  const personal = people.flatMap(({ subject, certificate, agreement }) => [
    subject,
    ...forms(Buffer.from(subject, 'base64url')),
    ...forms(certificate.der),
    ...forms(agreement.publicKey),
    certificate.serialHex,
    certificate.sha256,
    certificate.x5tS256,
  ]);
  const recorded = await journal.read(0 as Position, 1_000);
  const held = recorded.flatMap(({ id, lot, record }) => {
    const { statement, certificate, ...rest } = JSON.parse(Buffer.from(record.privatePart).toString());
    // A listing has the id of its lot.
    const ids = id === lot || id.includes(':') ? [] : [id];
    const texts = [statement, statement?.split('.')[2], certificate, ...Object.values(rest), ...ids];
    return [...texts, ...forms(record.salt)].filter((text) => typeof text === 'string' && text.length > 8);
  });
  return [...personal, ...connections, ...held];
}

/** Every text in a record, however deep. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

describe('what others can read and hear of whole auctions', () => {
  it('names nobody, and links no two records of one person', async () => {
    await fc.assert(
      fc.asyncProperty(plots, async (plot) => {
        const journal = new MemoryJournal(TEST_HOUSE);
        node = await TestNode.start({ journal });
        const { people, owners, watcher, sockets } = await play(plot, node);
        const { text, records } = await publicBytes(node);
        const heard = await heardBy(watcher, node);
        expect(heard.announcements.length).toBeGreaterThanOrEqual(owners.size);
        for (const secret of await secretsOf(people, sockets, journal)) {
          expect(text).not.toContain(secret);
          expect(heard.text).not.toContain(secret);
        }
        expectUnlinked(
          records.map((record) => JSON.parse(record)),
          owners,
        );
        expectFresh(heard.announcements);
        // Whoever listens hears the same, whatever he did himself.
        const public_ = sockets.map(({ heard }) => heard.filter(({ name }) => name !== 'auction_closed'));
        for (const one of public_) expect(one).toEqual(watcher.heard);
        await node.stop();
        node = undefined;
      }),
      { numRuns: 12 },
    );
  });
});

/** Two commands have nothing in common but their lot, what the lot is, and the authority's batches; so that whose they are makes no difference. */
function expectUnlinked(records: readonly Record<string, unknown>[], owners: ReadonlyMap<Position, Participant>): void {
  const commands = [...owners.keys()].sort((left, right) => left - right).map((position) => records[position - 1]!);
  const pseudonyms = commands.map((command) => command['pseudonym']);
  expect(new Set(pseudonyms).size).toBe(commands.length);
  const seen = new Map<string, number>();
  for (const [index, { kind, lot, terms, timestamp, ...own }] of commands.entries()) {
    expect(['listed', 'bid']).toContain(kind);
    expect([typeof lot, terms === undefined]).toEqual(['string', kind === 'bid']);
    const { batch: _, ...token } = timestamp as { batch: string };
    for (const text of textsIn({ ...own, ...token })) {
      expect(seen.get(text), `${text} of command ${index}`).toBeUndefined();
      seen.set(text, index);
    }
  }
  const members = new Set(commands.filter(({ kind }) => kind === 'bid').map((command) => Object.keys(command).join()));
  expect(members.size).toBeLessThanOrEqual(1);
}

/** One pseudonym for each listing and bid; a closing has that of the bid that won, and no other. */
function expectFresh(announcements: readonly Announcement[]): void {
  const made = announcements.filter((one) => one.event !== 'item_closed').map(({ pseudonym }) => pseudonym);
  expect(new Set(made).size).toBe(made.length);
  for (const closed of announcements.filter((one) => one.event === 'item_closed')) {
    if (closed.outcome !== 'sold') continue;
    const winning = announcements.find((one) => one.event === 'someone_bid' && one.pseudonym === closed.pseudonym);
    expect(winning).toMatchObject({ lot: closed.lot, amount: closed.hammerPrice });
  }
}
