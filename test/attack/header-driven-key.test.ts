/** alg none, HS256 with a public key, and headers that name an address: nobody fetches anything because a header says so. */
import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signP256 } from '../../shared/crypto/ecdsa.ts';
import type { CompactJws } from '../../shared/wire/vocabulary.ts';
import type { HandParticipant } from '../support/hand-participant.ts';
import { FORGIVING } from '../support/house-servers.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { refusalOf } from '../support/refusal.ts';
import { type ListedLot, RunningHouse } from '../support/running-house.ts';

let house: RunningHouse;
let eve: HandParticipant;
let socket: RawSocket;
let lot: ListedLot;
let listener: Server;
let address: string;
let callers = 0;
beforeAll(async () => {
  house = await RunningHouse.start({ rates: FORGIVING });
  const seller = await house.participant('sue');
  eve = await house.participant('eve');
  lot = await house.list(seller, await house.rawSocket(seller));
  socket = await house.rawSocket(eve);
  listener = createServer((caller) => {
    callers += 1;
    caller.destroy();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/keys.json`;
});
afterAll(async () => {
  listener.close();
  await house.close();
});

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

type Forger = (typ: string, kid: string, claims: unknown) => Promise<CompactJws>;

/** Signed by eve's own key, with a header that says more, or something else. */
const withHeader = (change: (header: Record<string, unknown>) => Record<string, unknown>): Forger => {
  return async (typ, kid, claims) => {
    const input = `${encode(change({ alg: 'ES256', typ, kid }))}.${encode(claims)}`;
    const signature = await signP256(eve.keys.privateKey, Buffer.from(input));
    return `${input}.${Buffer.from(signature).toString('base64url')}` as CompactJws;
  };
};

const withHmac = (secret: string | Buffer): Forger => {
  return async (typ, kid, claims) => {
    const input = `${encode({ alg: 'HS256', typ, kid })}.${encode(claims)}`;
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}` as CompactJws;
  };
};

const unsigned = (alg: string, signature: string): Forger => {
  return async (typ, kid, claims) => `${encode({ alg, typ, kid })}.${encode(claims)}.${signature}` as CompactJws;
};

/** Forgers that need the victim's public key, or the address of the listener. */
function forgers(publicPem: string, publicDer: Buffer): [string, Forger][] {
  const jwk = eve.keys.publicKey.export({ format: 'jwk' });
  const x5c = [Buffer.from(eve.parsed.der).toString('base64')];
  return [
    ['alg none, no signature', unsigned('none', '')],
    ['alg None, a signature of zeros', unsigned('None', Buffer.alloc(64).toString('base64url'))],
    ['ES256 with r = s = 0', unsigned('ES256', Buffer.alloc(64).toString('base64url'))],
    ['HS256 with the public key in PEM', withHmac(publicPem)],
    ['HS256 with the public key in DER', withHmac(publicDer)],
    ['jku', withHeader((header) => ({ ...header, jku: address }))],
    ['x5u', withHeader((header) => ({ ...header, x5u: address }))],
    ['jwk', withHeader((header) => ({ ...header, jwk }))],
    ['x5c', withHeader((header) => ({ ...header, x5c }))],
    ['crit', withHeader((header) => ({ ...header, crit: ['exp'], exp: 1 }))],
    ['a kid that is an address', withHeader((header) => ({ ...header, kid: address }))],
    ['a kid that is a path', withHeader((header) => ({ ...header, kid: '../../../../dev/null' }))],
    ['a kid that is a query', withHeader((header) => ({ ...header, kid: "' OR 1=1 --" }))],
    ['no kid', withHeader(({ alg, typ }) => ({ alg, typ }))],
    ['members in another order', withHeader(({ alg, typ, kid }) => ({ typ, alg, kid }))],
    ['alg ES384', withHeader((header) => ({ ...header, alg: 'ES384' }))],
    ['b64 false', withHeader((header) => ({ ...header, b64: false, crit: ['b64'] }))],
  ];
}

function keyForms(participant: HandParticipant): [string, Buffer] {
  const { publicKey } = participant.keys;
  return [
    publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    publicKey.export({ type: 'spki', format: 'der' }),
  ];
}

describe('a JWS whose header tries to choose how it is verified', () => {
  it('is refused as a command, whether it is said to be by oneself or by another', async () => {
    for (const [name, forge] of forgers(...keyForms(eve))) {
      const claims = { v: 1, aud: house.house, id: crypto.randomUUID(), ...house.bidClaims(lot, 500) };
      const statement = await forge('command+jwt', eve.subject, claims);
      const sealed = eve.seal(statement, await eve.stamp(statement), socket.sealingKey);
      expect((await socket.ask('command', sealed)).code, name).toMatch(
        /^(malformed|signature-invalid|statement-not-by-session)$/,
      );
    }
    expect(await house.journalLength(socket)).toBe(1);
  });

  it('is refused as an access token', async () => {
    const auth = await eve.auth();
    const [header, claims] = auth.token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    const { kid } = JSON.parse(header!);
    for (const [name, forge] of forgers(...keyForms(eve))) {
      const forged = { ...auth, token: await forge('at+jwt', kid, JSON.parse(claims!)) };
      expect(await refusalOf(house.bareSocket(forged)), name).toBe('token-invalid');
    }
  });

  it('is refused as a proof, for a token and for the session', async () => {
    const stranger = house.connectService();
    for (const [name, forge] of forgers(...keyForms(eve))) {
      const claims = { aud: `sha256:${house.root.sha256}`, iat: Math.round(house.now()), jti: crypto.randomUUID() };
      const proof = await forge('proof+jwt', eve.subject, claims);
      expect(await refusalOf(stranger.issue({ certificate: eve.certificate, proof })), name).toBe('proof-invalid');
    }
    await stranger.close();
  });

  it('is refused as a batch of timestamps', async () => {
    const statement = await house.statement(eve, house.bidClaims(lot, 600));
    const token = await eve.stamp(statement);
    const [header, claims] = token.batch.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    for (const [name, forge] of forgers(...keyForms(eve))) {
      const batch = await forge('timestamp-batch+jwt', JSON.parse(header!).kid, JSON.parse(claims!));
      const sealed = eve.seal(statement, { ...token, batch }, socket.sealingKey);
      expect(await socket.ask('command', sealed), name).toMatchObject({ code: 'timestamp-invalid' });
    }
  });

  it('has made nobody fetch anything', async () => {
    expect(callers).toBe(0);
    // The listener would have heard it.
    await fetch(address).catch(() => undefined);
    expect(callers).toBe(1);
    expect(house.failures).toEqual([]);
  });
});
