/** Frames too big, too deep, or of nothing that is known; sockets that idle; web pages: the process lives, and others notice nothing. */
import { connect as tlsConnect } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/time/clock.ts';
import type { HandParticipant } from '../support/hand-participant.ts';
import { FORGIVING } from '../support/house-servers.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { type ListedLot, RunningHouse } from '../support/running-house.ts';
import { soon, until } from '../support/until.ts';

let house: RunningHouse;
let attacker: HandParticipant;
let honest: HandParticipant;
let honestSocket: RawSocket;
let lot: ListedLot;
let socket: RawSocket;
/** What the DMS's monotonic clock is ahead: idle connections are looked for by it. */
let ahead = 0;
const dmsClock = { now: systemClock.now, monotonic: () => systemClock.monotonic() + ahead };

beforeAll(async () => {
  house = await RunningHouse.start({ rates: FORGIVING, dmsClock });
  attacker = await house.participant('mallory');
  honest = await house.participant('hal');
  const seller = await house.participant('sue');
  lot = await house.list(seller, await house.rawSocket(seller), { closesAt: Math.round(house.now()) + 600_000 });
  honestSocket = await house.rawSocket(honest);
});
afterAll(() => house.close());
beforeEach(async () => {
  socket = await house.rawSocket(attacker);
});
afterEach(() => socket.close());

let amount = 100;

/** The process is as it was, and somebody else is served. */
async function expectUnaffected(): Promise<void> {
  amount += 10;
  expect(honestSocket.isOpen).toBe(true);
  expect(await house.bid(honest, honestSocket, lot, amount)).toMatchObject({ outcome: 'accepted' });
  expect(({} as { admin?: unknown }).admin).toBeUndefined();
  expect(Object.prototype).not.toHaveProperty('polluted');
  expect(house.failures).toEqual([]);
}

const POISON = '{"__proto__":{"admin":true,"polluted":true},"constructor":{"prototype":{"admin":true}}}';

describe('a frame', () => {
  it.each([
    ['of 1 MB', 'x'.repeat(1_048_576)],
    ['of 1 MB that is an event', `42["command","${'x'.repeat(1_048_576)}"]`],
    ['with JSON that is none', '42["command",{'],
    ['that is no packet', 'hello'],
    ['that is nested 5 000 deep', `42["command",${'['.repeat(5_000)}${']'.repeat(5_000)}]`],
    ['with binary that never comes', '452-["command",{"_placeholder":true,"num":0}]'],
    ['of a type that does not exist', '9'],
    ['that connects again', '40{"token":"x"}'],
    ['that connects to another namespace', '40/admin,{}'],
    ['that answers what nobody asked', '43999999[{}]'],
    ['with an event that is no name', '42[{"a":1},1]'],
    ['with an event that is a number', '42[7,1]'],
    ['without an event', '42[]'],
    ['with an event of the library', '42["disconnect",1]'],
    ['with the event __proto__', '42["__proto__",1]'],
    ['that is no array', '42{"event":"command"}'],
  ])('%s does no harm', async (_name, frame) => {
    socket.sendRaw(frame);
    await expectUnaffected();
  });

  it('with __proto__ in every field of every request is refused or dropped', async () => {
    const poisoned = JSON.parse(POISON);
    const fields = ['nonce', 'proof', 'since', 'token', 'certificate', 'type', 'lot', 'chain'];
    let id = 500;
    for (const event of ['hello', 'prove', 'renew', 'command', 'query', 'acknowledge']) {
      const opened = await house.rawSocket(attacker);
      for (const text of [POISON, ...fields.map((field) => `{"${field}":${POISON},"__proto__":{"admin":true}}`)]) {
        id += 1;
        opened.sendRaw(`42${id}["${event}",${text}]`);
      }
      // An answer that comes after them: they have all been looked at.
      if (opened.isOpen) await Promise.race([opened.ask('query', { type: 'myitems' }), opened.closed]);
      opened.close();
    }
    expect(await socket.ask('query', { ...poisoned, type: 'allitems' })).toMatchObject({ outcome: 'refused' });
    await expectUnaffected();
  });

  it('with __proto__ inside an envelope and inside a statement is refused', async () => {
    const { sealTo } = await import('../../shared/crypto/ecies.ts');
    const seal = async (text: string) => {
      return Buffer.from(await sealTo(socket.sealingKey, Buffer.from(text))).toString('base64url');
    };
    for (const text of [POISON, `{"statement":"a.b.c","timestamp":${POISON}}`, '[]', 'null', '1', '"x"', '{', '']) {
      expect(await socket.ask('command', await seal(text)), text).toMatchObject({ code: 'malformed' });
    }
    const claims = JSON.stringify({ v: 1, aud: house.house, id: crypto.randomUUID(), ...house.bidClaims(lot, 5_000) });
    const header = JSON.stringify({ alg: 'ES256', typ: 'command+jwt', kid: attacker.subject });
    const input = [header, `${claims.slice(0, -1)},"__proto__":{"admin":true}}`]
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');
    const signature = Buffer.from(await attacker.signer.sign(Buffer.from(input))).toString('base64url');
    const statement = `${input}.${signature}` as never;
    const sealed = attacker.seal(statement, await attacker.stamp(statement), socket.sealingKey);
    expect(await socket.ask('command', sealed)).toMatchObject({ code: 'malformed' });
    await expectUnaffected();
  });

  it('without an acknowledgement is served in silence', async () => {
    socket.tell('query', { type: 'allitems' });
    socket.tell('command', 'x');
    socket.tell('command');
    socket.tell('hello', null);
    await expectUnaffected();
  });

  it('in great numbers ends the connection of its sender alone', async () => {
    for (let count = 0; count < 10_000 && socket.isOpen; count++) socket.tell('nothing', count);
    await soon('the end of a flood', socket.closed);
    await expectUnaffected();
  });
});

describe('a connection', () => {
  const target = () => ({ url: house.dmsUrl, root: house.root.pem });

  it('from a web page is refused, and so is one by polling', async () => {
    const auth = await attacker.auth();
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1', 'file://']) {
      await expect(RawSocket.connect({ ...target(), auth, headers: { origin } }), origin).rejects.toThrow();
    }
    await expect(RawSocket.connect({ ...target(), auth, transports: ['polling'] })).rejects.toThrow();
    await expect(RawSocket.connect({ ...target(), auth, headers: { host: 'evil.example' } })).rejects.toThrow();
    (await RawSocket.connect({ ...target(), auth })).close();
    await expectUnaffected();
  });

  it('without papers, or with something in their place, is refused', async () => {
    const auth = await attacker.auth();
    for (const papers of [
      undefined,
      {},
      { token: 1 },
      { ...auth, admin: true },
      { ...auth, chain: [] },
      JSON.parse(POISON),
    ]) {
      await expect(RawSocket.connect({ ...target(), auth: papers }), JSON.stringify(papers)).rejects.toMatchObject({
        code: 'malformed',
      });
    }
    await expectUnaffected();
  });

  it('that never asks to be let in is closed within seconds', { timeout: 15_000 }, async () => {
    const { hostname, port } = new URL(house.dmsUrl);
    const idle = tlsConnect({ host: hostname, port: Number(port), ca: house.root.pem, minVersion: 'TLSv1.3' });
    let received = '';
    idle.on('data', (chunk) => {
      received += chunk;
    });
    const ended = new Promise<void>((resolve) => idle.once('close', () => resolve()));
    const key = Buffer.alloc(16).toString('base64');
    const lines = [
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
      `Host: ${hostname}:${port}`,
      ...['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${key}`],
    ];
    idle.write(`${lines.join('\r\n')}\r\n\r\n`);
    await until('the upgrade', () => received.includes(' 101 '));
    await soon('the end of a socket that says nothing', ended, 8_000);
    await expectUnaffected();
  });

  it('that does not finish the handshake is closed, and told why', async () => {
    const [silent, half] = [
      await house.bareSocket(await attacker.auth()),
      await house.bareSocket(await attacker.auth()),
    ];
    await half.hello();
    ahead += 10_001;
    for (const waiting of [silent, half]) {
      await soon('the end of the handshake', waiting.closed);
      expect(waiting.heard).toMatchObject([{ name: 'session_ended', args: [{ code: 'handshake-timeout' }] }]);
    }
    // To the DMS ten seconds have passed at once: it asks what time it really is before it takes stamps again.
    amount += 10;
    await until('the time to be right again', async () => {
      return (await house.bid(honest, honestSocket, lot, amount)).outcome === 'accepted';
    });
    await expectUnaffected();
  });

  it('is one of eight of its participant at most', async () => {
    const crowd = await Promise.allSettled(Array.from({ length: 12 }, () => house.rawSocket(honest)));
    const refused = crowd.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    // One was there before.
    expect(crowd.length - refused.length).toBeLessThanOrEqual(7);
    expect(crowd.length - refused.length).toBeGreaterThan(0);
    await expectUnaffected();
  });
});
