/** DMS keys stolen later: a recorded session, every file and every long-term key open nothing. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { decodeBase64url, encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { openSealed } from '../../shared/crypto/ecies.ts';
import { type FoundFile, filesIn, filesWith } from '../support/files-in.ts';
import type { HandParticipant } from '../support/hand-participant.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { refusalOf } from '../support/refusal.ts';
import { type ListedLot, RunningHouse } from '../support/running-house.ts';
import { until } from '../support/until.ts';

/** The sealing keys that the DMS makes, captured on purpose: nobody outside of its memory ever has them. */
const captured = vi.hoisted(() => [] as { readonly scalar: Uint8Array; readonly pair: WeakRef<object> }[]);
vi.mock('../../shared/crypto/ecies.ts', async (original) => {
  const ecies = await original<typeof import('../../shared/crypto/ecies.ts')>();
  const generateSealingKey = () => {
    const pair = ecies.generateSealingKey();
    const { d } = pair.privateKey.export({ format: 'jwk' });
    captured.push({ scalar: new Uint8Array(Buffer.from(d!, 'base64url')), pair: new WeakRef(pair.privateKey) });
    return pair;
  };
  return { ...ecies, generateSealingKey };
});

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

let house: RunningHouse;
let seller: HandParticipant;
let bidder: HandParticipant;
let sellersSocket: RawSocket;
let lot: ListedLot;
beforeAll(async () => {
  house = await RunningHouse.start();
  [seller, bidder] = await Promise.all([house.participant('sue'), house.participant('bob')]);
  sellersSocket = await house.rawSocket(seller);
  lot = await house.list(seller, sellersSocket);
});
afterAll(() => house.close());

const ACCEPTED_ID = '6fd0a7c1-94a5-4a3c-8b6e-3d2f5a1c7e90';
const REJECTED_ID = '0c9be2d4-7a51-4d6f-9e83-51f4b8a2c6d7';

/** Somebody bids twice and leaves; what crossed the wire is all that is left, and the key that was captured. */
async function recordedSession(): Promise<{ envelopes: Uint8Array[]; key: (typeof captured)[number] }> {
  const before = captured.length;
  const socket = await house.rawSocket(bidder);
  expect(captured.length).toBe(before + 1);
  expect(await house.bid(bidder, socket, lot, 150, ACCEPTED_ID)).toMatchObject({ outcome: 'accepted' });
  expect(await house.bid(bidder, socket, lot, 120, REJECTED_ID)).toMatchObject({ outcome: 'rejected' });
  const { frames } = socket;
  const sessionsEnded = () => house.log.filter((line) => line.includes('sessions ended')).length;
  const ended = sessionsEnded();
  socket.close();
  await until('the end of the session', () => sessionsEnded() > ended);
  const envelopes = frames
    .filter(({ from, text }) => from === 'us' && text.includes('["command",'))
    .map(({ text }) => decodeBase64url(JSON.parse(text.slice(text.indexOf('[')))[1])!);
  return { envelopes, key: captured.at(-1)! };
}

/** An X25519 private key of 32 bytes (RFC 8410, section 7). */
function asAgreementKey(scalar: Uint8Array): KeyObject {
  const prefix = Buffer.from('302e020100300506032b656e04220420', 'hex');
  return createPrivateKey({ key: Buffer.concat([prefix, scalar]), format: 'der', type: 'pkcs8' });
}

/** All that could be a private key of 32 bytes: keys in PEM, each window of what PEM holds, and 32 bytes in text forms. */
function candidatesIn(files: readonly FoundFile[]): Uint8Array[] {
  const found = new Set<string>();
  const add = (bytes: Uint8Array) => bytes.length === 32 && found.add(encodeBase64url(bytes));
  for (const { bytes } of files) {
    const text = bytes.toString('latin1');
    for (const [, body] of text.matchAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----([^-]+)-----END/g)) {
      const der = Buffer.from(body!, 'base64');
      for (let at = 0; at + 32 <= der.length; at++) add(der.subarray(at, at + 32));
    }
    for (const [word] of text.matchAll(/(?<![\w-])[\w-]{43}(?![\w-])/g)) add(Buffer.from(word, 'base64url'));
    for (const [word] of text.matchAll(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/gi)) add(Buffer.from(word, 'hex'));
  }
  return [...found].map((word) => decodeBase64url(word)!);
}

/** What the candidates open. */
async function openedBy(candidates: readonly Uint8Array[], envelopes: readonly Uint8Array[]): Promise<string[]> {
  const opened: string[] = [];
  for (const privateKey of candidates.map(asAgreementKey)) {
    for (const envelope of envelopes) {
      const key = { privateKey, publicKey: new Uint8Array() };
      const attempt = openSealed(key, envelope).then((plain) => opened.push(utf8.decode(plain)));
      expect(await refusalOf(attempt)).toBeOneOf([undefined, 'envelope-unreadable']);
    }
  }
  return opened;
}

function scalarOf({ keys }: HandParticipant): Uint8Array {
  return new Uint8Array(Buffer.from(keys.privateKey.export({ format: 'jwk' }).d!, 'base64url'));
}

describe('a session that was recorded', () => {
  it('opens with nothing that is left of it: no file, no long-term key', async () => {
    const { envelopes, key } = await recordedSession();
    expect(envelopes).toHaveLength(2);
    // The recording is a good one: with the key that the DMS had in its memory, and only then, it opens.
    const withKey = await openedBy([key.scalar], envelopes);
    expect(withKey.map((text) => JSON.parse(text).statement.split('.')).map(([, claims]) => idIn(claims))).toEqual([
      ACCEPTED_ID,
      REJECTED_ID,
    ]);

    for (const files of [filesIn(house.home), await afterTheEnd()]) {
      const candidates = candidatesIn(files);
      expect(files.map(({ path }) => path).filter((path) => path.includes('key')).length).toBeGreaterThanOrEqual(6);
      expect(candidates.length).toBeGreaterThan(100);
      const everything = [...candidates, scalarOf(bidder), scalarOf(seller), bidder.agreement.privateKey];
      expect(await openedBy(everything, envelopes)).toEqual([]);
      expect(filesWith(files, key.scalar)).toEqual([]);
      // What was recorded is in the journal, for it was accepted. What was rejected is nowhere any more.
      expect(filesWith(files, ACCEPTED_ID)).not.toEqual([]);
      expect(filesWith(files, REJECTED_ID)).toEqual([]);
    }
  });

  it('would open, if the key were on the disk in one of the forms that are looked for', async () => {
    const { envelopes, key } = await recordedSession();
    const pem = asAgreementKey(key.scalar).export({ type: 'pkcs8', format: 'pem' }).toString();
    const forms = [pem, encodeBase64url(key.scalar), Buffer.from(key.scalar).toString('hex')];
    for (const [index, form] of forms.entries()) {
      const folder = join(house.home, `leak-${index}`);
      mkdirSync(folder);
      writeFileSync(join(folder, 'file'), `some text "${form}" and more`);
      expect(await openedBy(candidatesIn(filesIn(folder)), envelopes)).toHaveLength(2);
    }
    writeFileSync(join(house.home, 'leak-0', 'raw'), Buffer.concat([Buffer.alloc(7), key.scalar]));
    expect(filesWith(filesIn(join(house.home, 'leak-0')), key.scalar)).not.toEqual([]);
  });

  it('has its key in memory as long as it lasts, and no longer', async () => {
    const live = await house.rawSocket(bidder);
    const liveKey = captured.at(-1)!;
    const { key } = await recordedSession();
    await until('the end of the key', () => {
      collectGarbage();
      return key.pair.deref() === undefined;
    });
    expect(liveKey.pair.deref()).toBeDefined();
    expect(live.isOpen).toBe(true);
  });
});

function idIn(claims: string): string {
  return JSON.parse(Buffer.from(claims, 'base64url').toString()).id;
}

/** All files once more when both servers have ended and written down whatever they write at the end. */
async function afterTheEnd(): Promise<FoundFile[]> {
  await house.stopDms();
  await house.stopService();
  const files = filesIn(house.home);
  await house.startService();
  await house.startDms();
  return files;
}
