/** Stolen tokens and certificates, without the key; papers of others. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectionAuth } from '../../shared/wire/socket-events.ts';
import type { HandParticipant } from '../support/hand-participant.ts';
import { FORGIVING } from '../support/house-servers.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { refusalOf } from '../support/refusal.ts';
import { type ListedLot, RunningHouse } from '../support/running-house.ts';
import { createTestAuthority } from '../support/test-authority.ts';
import { soon } from '../support/until.ts';

let house: RunningHouse;
let seller: HandParticipant;
let victim: HandParticipant;
let thief: HandParticipant;
let lot: ListedLot;
let auth: ConnectionAuth;
beforeAll(async () => {
  house = await RunningHouse.start({ rates: FORGIVING });
  seller = await house.participant('sue');
  victim = await house.participant('victoria');
  thief = await house.participant('thief');
  lot = await house.list(seller, await house.rawSocket(seller), {
    closesAt: Math.round(house.now()) + 30 * 24 * 3_600_000,
  });
});
afterAll(() => house.close());
beforeEach(async () => {
  auth = await victim.auth();
});
afterEach(() => expect(house.failures).toEqual([]));

/** The code with which a connection with these papers is refused. */
const refusalTo = (papers: unknown) => refusalOf(house.bareSocket(papers));

/** What the house says to a session before it closes it. */
async function lastWords(socket: RawSocket): Promise<string | undefined> {
  await soon('the end of the connection', socket.closed);
  return socket.heard.find(({ name }) => name === 'session_ended')?.args[0].code;
}

describe('a stolen token with its certificate', () => {
  let socket: RawSocket;
  beforeEach(async () => {
    socket = await house.bareSocket(auth);
  });
  afterEach(() => socket.close());

  it('opens no session without the key', async () => {
    await socket.hello();
    expect(await socket.prove(thief)).toMatchObject({ outcome: 'refused', code: 'session-proof-invalid' });
    expect(await lastWords(socket)).toBe('session-proof-invalid');
  });

  it('opens none with a proof that was recorded in another session', async () => {
    const recorded = await house.rawSocket(victim);
    const proof = recorded.frames.find(({ text }) => text.includes('["prove",'))!.text;
    await socket.hello();
    const replay = JSON.parse(proof.slice(proof.indexOf('[')))[1];
    expect(await socket.ask('prove', replay)).toMatchObject({ code: 'session-proof-invalid' });
    expect(await lastWords(socket)).toBe('session-proof-invalid');
  });

  it('opens none with a proof for another offer, nonce or session, though the right key signed it', async () => {
    const other = await house.bareSocket(auth);
    await other.hello();
    for (const part of ['session', 'serverNonce'] as const) {
      const mine = await house.bareSocket(auth);
      await mine.hello();
      mine.offer = { ...mine.offer!, [part]: other.offer![part] };
      expect(await mine.prove(victim)).toMatchObject({ code: 'session-proof-invalid' });
    }
    const mine = await house.bareSocket(auth);
    await mine.hello();
    mine.offerText = other.offerText;
    expect(await mine.prove(victim)).toMatchObject({ code: 'session-proof-invalid' });
  });

  it('may ask and say nothing before the proof, and hears nothing', async () => {
    await socket.hello();
    const claims = house.bidClaims(lot, 5_000);
    expect(await house.command(thief, socket, claims)).toMatchObject({ code: 'not-admitted' });
    expect(await socket.ask('query', { type: 'allitems' })).toMatchObject({ code: 'not-admitted' });
    expect(await socket.ask('acknowledge', { lot: lot.lot })).toMatchObject({ code: 'not-admitted' });
    expect(await socket.ask('renew', auth)).toMatchObject({ code: 'not-admitted' });
    const watcher = await house.rawSocket(victim);
    await house.bid(victim, watcher, lot, nextAmount());
    await watcher.told('someone_bid');
    expect(socket.heard).toEqual([]);
  });

  it('has one try at each step of the handshake', async () => {
    await socket.hello();
    expect(await socket.hello()).toMatchObject({ code: 'handshake-out-of-order' });
    expect(await lastWords(socket)).toBe('handshake-out-of-order');
    const early = await house.bareSocket(auth);
    early.offer = socket.offer;
    early.offerText = socket.offerText;
    expect(await early.prove(victim)).toMatchObject({ code: 'handshake-out-of-order' });
  });
});

let bids = 100;
const nextAmount = () => {
  bids += 10;
  return bids;
};

describe('papers that do not belong together', () => {
  it('are refused: a certificate of somebody else, a token of another certificate', async () => {
    const own = await thief.auth();
    expect(await refusalTo({ ...own, certificate: auth.certificate })).toBe('token-not-for-certificate');
    expect(await refusalTo({ ...own, token: auth.token })).toBe('token-not-for-certificate');
    // The same key, certified again: the token is bound to the one certificate, not to the key.
    await victim.enrol({ username: 'victoria' });
    expect(victim.certificate).not.toBe(auth.certificate);
    expect(await refusalTo({ ...auth, certificate: victim.certificate })).toBe('token-not-for-certificate');
    expect(await refusalTo(await victim.auth())).toBeUndefined();
  });

  it('are refused: a certificate that somebody made himself, under whatever chain', async () => {
    const { issuer, ...foreign } = await createTestAuthority(house.now());
    const { certificate } = await foreign.issue('participant');
    const made = { ...auth, certificate: certificate.pem };
    expect(await refusalTo({ ...made, chain: [issuer.certificate.pem] })).toBe('certificate-untrusted');
    expect(await refusalTo({ ...made, chain: auth.chain })).toBe('certificate-untrusted');
    expect(await refusalTo({ ...auth, chain: [issuer.certificate.pem] })).toBe('certificate-untrusted');
    // A participant is no issuer, and the node's certificate is no participant's.
    expect(await refusalTo({ ...auth, chain: [auth.certificate] })).toBe('certificate-untrusted');
    const node = (await (await house.bareSocket(auth)).hello()).chain[0];
    expect(await refusalTo({ ...auth, certificate: node })).toBe('certificate-untrusted');
  });

  it('get nobody a token: neither with the key of another, nor with a proof that was used', async () => {
    const stranger = house.connectService();
    const certificate = victim.certificate;
    expect(await refusalOf(stranger.issue({ certificate, proof: await thief.proof() }))).toBe('proof-invalid');
    const proof = await victim.proof();
    expect(await refusalOf(stranger.issue({ certificate, proof }))).toBeUndefined();
    expect(await refusalOf(stranger.issue({ certificate, proof }))).toBe('proof-replayed');
    const elsewhere = { aud: `sha256:${'00'.repeat(32)}`, iat: house.now(), jti: randomUUID() };
    expect(await refusalOf(stranger.issue({ certificate, proof: await victim.sign('proof+jwt', elsewhere) }))).toBe(
      'proof-invalid',
    );
    await stranger.close();
  });

  it('do not renew the session of another', async () => {
    const socket = await house.rawSocket(thief);
    const { token, certificate } = auth;
    expect(await socket.ask('renew', { token, certificate: thief.certificate })).toMatchObject({
      code: 'token-not-for-certificate',
    });
    const theirs = await victim.auth();
    expect(await socket.ask('renew', { token: theirs.token, certificate: theirs.certificate })).toMatchObject({
      code: 'token-not-for-certificate',
    });
    expect(certificate).not.toBe(thief.certificate);
    // The session is the thief's as before.
    expect(await house.bid(thief, socket, lot, nextAmount())).toMatchObject({ outcome: 'accepted' });
  });
});

describe('a revocation', () => {
  it('is for the key itself or the operator', async () => {
    const stranger = house.connectService();
    const serial = seller.parsed.serialHex;
    const claims = { aud: `sha256:${house.root.sha256}`, iat: house.now(), jti: randomUUID(), serial };
    const byThief = await thief.sign('revocation-proof+jwt', claims);
    expect(await refusalOf(stranger.revoke({ serial, reason: 'keyCompromise' }))).toBe('operator-token-required');
    const attempt = refusalOf(stranger.revoke({ serial, reason: 'keyCompromise', proof: byThief }));
    expect(['proof-invalid', 'not-certificate-owner']).toContain(await attempt);
    await stranger.close();
  });
});
