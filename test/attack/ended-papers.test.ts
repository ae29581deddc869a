/** Papers that are revoked or run out in mid-session: the next command is refused, the socket is closed, and nobody comes back with them. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HandParticipant } from '../support/hand-participant.ts';
import { FORGIVING } from '../support/house-servers.ts';
import { readJournal } from '../support/journal-records.ts';
import { bidOn, type Participant } from '../support/participant.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { refusalOf } from '../support/refusal.ts';
import { type ListedLot, RunningHouse } from '../support/running-house.ts';
import { TestNode } from '../support/test-node.ts';
import { soon, until } from '../support/until.ts';

describe('a live session', () => {
  let node: TestNode;
  let alice: Participant;
  let bob: Participant;
  beforeEach(async () => {
    node = await TestNode.start();
    [alice, bob] = await Promise.all([node.service.participant(), node.service.participant()]);
  });
  afterEach(async () => {
    expect(node.failures).toEqual([]);
    await node.stop();
  });

  it('ends at once when its certificate is revoked, and others go on', async () => {
    const { socket } = await node.enter(alice);
    const { socket: other } = await node.enter(bob);
    node.service.revoke(alice.certificate.serialHex);
    await node.admission.revocations.poll(node.service.now());
    node.node.sweep();
    await soon('the end of the connection', socket.closed);
    expect(socket.heard.at(-1)?.args[0].code).toBe('certificate-revoked');
    expect(other.isOpen).toBe(true);
    expect(await refusalOf(node.connect(await alice.auth()))).toBe('certificate-revoked');
  });

  it('serves no question after the revocation, even before anybody has looked', async () => {
    const { socket } = await node.enter(alice);
    node.service.revoke(alice.certificate.serialHex);
    await node.admission.revocations.poll(node.service.now());
    const answer = socket.ask('query', { type: 'allitems' }).catch(() => undefined);
    await soon('the end of the connection', socket.closed);
    expect(socket.heard.at(-1)?.args[0].code).toBe('certificate-revoked');
    expect((await Promise.race([answer, Promise.resolve()]))?.outcome).not.toBe('accepted');
  });

  it('ends with its token, unless it is renewed', async () => {
    const { socket } = await node.enter(alice);
    const { socket: lazy } = await node.enter(bob);
    node.service.clock.advance(10 * 60_000);
    await node.admission.time.sync();
    const { token, certificate } = await alice.auth();
    const renewed = await socket.ask('renew', { token, certificate });
    expect(renewed.outcome).toBe('accepted');
    expect(renewed.expiresAt - node.service.now()).toBeGreaterThan(14 * 60_000);
    node.service.clock.advance(5 * 60_000);
    await node.admission.time.sync();
    node.node.sweep();
    await soon('the end of the other connection', lazy.closed);
    expect(lazy.heard.at(-1)?.args[0].code).toBe('token-expired');
    expect((await socket.ask('query', { type: 'allitems' })).outcome).toBe('accepted');
  });

  it("is not renewed with somebody else's papers", async () => {
    const { socket } = await node.enter(alice);
    const { token, certificate } = await bob.auth();
    expect((await socket.ask('renew', { token, certificate })).code).toBe('token-not-for-certificate');
  });

  it('ends when the clock is set to after its papers', async () => {
    const { socket } = await node.enter(alice);
    node.service.setTime(node.service.now() + 86_400_000 * 2);
    await node.admission.time.sync();
    node.node.sweep();
    await soon('the end of the connection', socket.closed);
    expect(socket.heard.at(-1)?.args[0].code).toBe('token-expired');
  });

  it('has its next command refused after the revocation, and is closed, even before anybody has looked', async () => {
    const { socket } = await node.enter(alice);
    const lot = await node.list(bob, (await node.enter(bob)).socket);
    const [first, second] = [
      await node.frame(alice, socket, bidOn(lot.lot, lot.terms, 10_000)),
      await node.frame(alice, socket, bidOn(lot.lot, lot.terms, 11_000)),
    ];
    expect((await socket.ask('command', first)).outcome).toBe('accepted');
    node.service.revoke(alice.certificate.serialHex);
    await node.admission.revocations.poll(node.service.now());
    // Signed, stamped and sealed before.
    const answer = await Promise.race([socket.ask('command', second).catch(() => socket.closed), socket.closed]);
    if (typeof answer === 'object') expect(answer.code).toBe('certificate-revoked');
    await soon('the end of the connection', socket.closed);
    expect(socket.heard.at(-1)?.args[0].code).toBe('certificate-revoked');
    expect(node.house.position).toBe(2);
  });

  it.each([
    [-1, 'accepted'],
    [0, 'token-expired'],
    [1, 'token-expired'],
  ])('at %i ms from the end of its token: %s', async (ms, expected) => {
    const exp = Math.floor(node.service.now() / 1_000) + 60;
    const socket = await node.connect(await alice.auth({ exp }));
    await socket.hello();
    await socket.ask('prove', { proof: await alice.prove(socket.offerText!) });
    const lot = await node.list(bob, (await node.enter(bob)).socket, {
      closesAt: node.service.now() + 600_000,
    } as object);
    node.service.clock.advance(exp * 1_000 + ms - node.service.now());
    const sent = node.bid(alice, socket, lot, 10_000).catch(() => socket.closed);
    const answer = await Promise.race([sent, socket.closed]);
    if (typeof answer === 'object') expect(answer.code ?? answer.outcome).toBe(expected);
    if (expected === 'accepted') return;
    await soon('the end of the connection', socket.closed);
    expect(socket.heard.at(-1)?.args[0].code).toBe(expected);
    expect(node.house.position).toBe(1);
  });
});

describe('in a whole house', () => {
  let house: RunningHouse;
  let victim: HandParticipant;
  let lot: ListedLot;
  let amount = 100;
  beforeAll(async () => {
    house = await RunningHouse.start({ rates: FORGIVING });
    const seller = await house.participant('sue');
    victim = await house.participant('victoria');
    const closesAt = Math.round(house.now()) + 30 * 24 * 3_600_000;
    lot = await house.list(seller, await house.rawSocket(seller), { closesAt });
  });
  afterAll(() => house.close());
  afterEach(() => expect(house.failures).toEqual([]));

  const nextAmount = () => {
    amount += 10;
    return amount;
  };
  /** The code with which a connection with these papers is refused. */
  const refusalTo = (papers: unknown) => refusalOf(house.bareSocket(papers));

  /** What the house says to a session before it closes it. */
  async function lastWords(socket: RawSocket): Promise<string | undefined> {
    await soon('the end of the connection', socket.closed);
    return socket.heard.find(({ name }) => name === 'session_ended')?.args[0].code;
  }

  it('end a live session: the token', async () => {
    const socket = await house.rawSocket(victim);
    const old = await victim.auth();
    await house.travelTo(house.now() + 16 * 60_000);
    expect(await lastWords(socket)).toBe('token-expired');
    expect(await refusalTo(old)).toBe('token-expired');
    expect(await refusalTo(await victim.auth())).toBeUndefined();
  });

  it('end a live session at the next command at the latest', async () => {
    // The house may hear of the new time by itself before the command comes: in one of the rounds it does not.
    for (let round = 0; round < 4; round++) {
      const socket = await house.rawSocket(victim);
      const id = randomUUID();
      const statement = await house.statement(victim, { ...house.bidClaims(lot, nextAmount()), id });
      await house.setClock(house.now() + 16 * 60_000);
      const sealed = victim.seal(statement, await victim.stamp(statement), socket.sealingKey);
      const answer = await Promise.race([socket.ask('command', sealed).catch(() => socket.closed), socket.closed]);
      // The stamp of the new time is what the house learns it from, and then it looks at the token.
      expect(answer).not.toMatchObject({ outcome: 'accepted' });
      expect(await lastWords(socket)).toBe('token-expired');
      expect(readJournal(house.journalFile).map((record) => record.id)).not.toContain(id);
    }
  });

  it('end a live session: the certificate', async () => {
    const socket = await house.rawSocket(victim);
    const old = await victim.auth();
    await house.travelTo(house.now() + 25 * 3_600_000);
    expect(['token-expired', 'certificate-expired']).toContain(await lastWords(socket));
    expect(await refusalTo(old)).toBe('certificate-expired');
    expect(await refusalOf(victim.token())).toBe('certificate-expired');
    await victim.enrol({ username: 'victoria' });
    expect(await refusalTo(await victim.auth())).toBeUndefined();
  });

  it('end a live session when they are revoked: the next command is refused, the socket closed, the key is out', async () => {
    const villain = await house.participant('villain');
    const [socket, idle] = [await house.rawSocket(villain), await house.rawSocket(villain)];
    expect(await house.bid(villain, socket, lot, nextAmount())).toMatchObject({ outcome: 'accepted' });
    const papers = await villain.auth();
    await house.operator.revoke({ serial: villain.parsed.serialHex, reason: 'keyCompromise' });
    // As soon as the house has heard of it: within about a second.
    const refusal = await until('a refusal', async () => {
      const answer = await Promise.race([house.bid(villain, socket, lot, nextAmount()), socket.closed]);
      return answer.outcome === 'accepted' ? undefined : answer;
    });
    if (typeof refusal === 'object') expect(refusal).toMatchObject({ code: 'certificate-revoked' });
    expect(await lastWords(socket)).toBe('certificate-revoked');
    expect(await lastWords(idle)).toBe('certificate-revoked');
    expect(await refusalTo(papers)).toBe('certificate-revoked');
    expect(await refusalOf(villain.token())).toBe('certificate-revoked');
    expect(await refusalOf(villain.enrol({ username: 'villain' }))).toBe('key-revoked');
  });
});
