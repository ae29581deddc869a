/** Ciphertext moved to another session, cut short, or sealed with a secret that everybody knows. */
import { createCipheriv, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hkdfSha256 } from '../../shared/crypto/hkdf.ts';
import type { HandParticipant } from '../support/hand-participant.ts';
import { FORGIVING } from '../support/house-servers.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { type ListedLot, RunningHouse } from '../support/running-house.ts';

/** Public keys of low order (RFC 7748, section 6.1; as listed at https://cr.yp.to/ecdh.html#validate). */
const LOW_ORDER = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
  // The same with the bit set that X25519 does not look at.
  `00${'00'.repeat(30)}80`,
  `01${'00'.repeat(30)}80`,
];

let house: RunningHouse;
let bidder: HandParticipant;
let socket: RawSocket;
let lot: ListedLot;
let amount = 100;
beforeAll(async () => {
  house = await RunningHouse.start({ rates: FORGIVING });
  const seller = await house.participant('sue');
  bidder = await house.participant('bob');
  lot = await house.list(seller, await house.rawSocket(seller));
  socket = await house.rawSocket(bidder);
});
afterAll(() => house.close());

/** The bytes of an envelope for this session that would be taken. */
async function goodEnvelope(): Promise<Buffer> {
  return Buffer.from(await sealedBid(socket), 'base64url');
}

async function sealedBid(session: RawSocket): Promise<string> {
  return bidder.seal(...(await stampedBid()), session.sealingKey);
}

async function stampedBid() {
  amount += 10;
  const statement = await house.statement(bidder, house.bidClaims(lot, amount));
  return [statement, await bidder.stamp(statement)] as const;
}

const send = (bytes: Uint8Array) => socket.ask('command', Buffer.from(bytes).toString('base64url'));

describe('an envelope', () => {
  it('opens in the session for which it was sealed', async () => {
    expect(await send(await goodEnvelope())).toMatchObject({ outcome: 'accepted' });
  });

  it('does not open in another session, of the same participant or of another', async () => {
    const second = await house.rawSocket(bidder);
    const stranger = await house.rawSocket(await house.participant('eve'));
    const sealed = await sealedBid(socket);
    for (const other of [second, stranger]) {
      expect(await other.ask('command', sealed)).toMatchObject({ code: 'envelope-unreadable' });
    }
    expect(second.sealingKey).not.toEqual(socket.sealingKey);
  });

  it('with one bit changed anywhere, or cut short, does not open', async () => {
    const good = await goodEnvelope();
    // Ephemeral key, nonce, tag, ciphertext.
    for (const place of [0, 31, 32, 47, 48, 63, 64, good.length - 1]) {
      const changed = Buffer.from(good);
      changed[place]! ^= 4;
      expect(await send(changed), `at ${place}`).toMatchObject({ code: 'envelope-unreadable' });
    }
    for (const length of [1, 32, 63, 64, good.length - 1]) {
      expect(await send(good.subarray(0, length)), `of ${length}`).toMatchObject({ code: 'envelope-unreadable' });
    }
    expect(await send(good)).toMatchObject({ outcome: 'accepted' });
  });

  it('with a shorter tag does not open: 4, 8 and 12 bytes', async () => {
    const good = await goodEnvelope();
    for (const bytes of [4, 8, 12]) {
      const short = Buffer.concat([good.subarray(0, 48 + bytes), good.subarray(64)]);
      expect(await send(short)).toMatchObject({ code: 'envelope-unreadable' });
    }
  });

  it('sealed with the secret that a low-order point leads to does not open', async () => {
    for (const point of LOW_ORDER) {
      // Whatever the house's key is, the shared secret would be zero: anybody could seal, and anybody could open.
      const ephemeral = Buffer.from(point, 'hex');
      const key = hkdfSha256(Buffer.concat([ephemeral, Buffer.alloc(32)]), 32);
      const nonce = randomBytes(16);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const [statement, timestamp] = await stampedBid();
      const ciphertext = Buffer.concat([cipher.update(JSON.stringify({ statement, timestamp })), cipher.final()]);
      const sealed = Buffer.concat([ephemeral, nonce, cipher.getAuthTag(), ciphertext]);
      expect(await send(sealed), point).toMatchObject({ code: 'envelope-unreadable' });
    }
    expect(house.failures).toEqual([]);
  });
});
