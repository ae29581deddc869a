import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../../shared/bytes.ts';
import { parseDer, TAG } from '../../../shared/pki/der.ts';
import { encodeDer, encodeInteger } from '../../../shared/pki/encode-der.ts';
import { parseCertificateDer } from '../../../shared/pki/verify-certificate.ts';
import { readStamp } from '../../../shared/timestamp/timestamp-token.ts';
import {
  type VerifiedTimestamp,
  verifyTimestampResponse,
} from '../../../shared/timestamp/verify-timestamp-response.ts';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import type { Digest } from '../../../shared/wire/vocabulary.ts';
import { hex } from '../../support/edit-certificate.ts';
import {
  messageImprint,
  octets,
  oid,
  POLICY_OIDS,
  SHA256,
  SHA256_NULL,
  SHA512,
  seq,
  sha256,
} from '../../support/forge-timestamp.ts';
import { someImprints } from '../../support/stamp.ts';
import { TestMachine, TestService } from '../test-service.ts';
import { ask, CERT_REQ, query, statusOf } from './ask-timestamp.ts';

const DIGEST = sha256(Buffer.from('a document'));
const IMPRINT = encodeBase64url(DIGEST) as Digest;
const V1 = encodeInteger(1);
const imprint = messageImprint(DIGEST);

let service: TestService;
beforeAll(async () => {
  service = await TestService.start({ clock: 'real' });
});
afterAll(() => service.stop());

/** A good reply of a service. */
async function stamped(from: TestService): Promise<VerifiedTimestamp> {
  const { status, bytes } = await ask(from, query(DIGEST, CERT_REQ));
  expect(status).toBe(200);
  return verifyTimestampResponse(bytes, { root: from.root, imprint: IMPRINT, nonce: 'none' });
}

const BAD_QUERIES: readonly [what: string, query: Uint8Array, failure: string][] = [
  // not what it says it is
  ['nothing', new Uint8Array(), 'badDataFormat'],
  ['text', Buffer.from('hello'), 'badDataFormat'],
  ['JSON', Buffer.from('{"imprint":"x"}'), 'badDataFormat'],
  ['an empty sequence', seq(), 'badDataFormat'],
  ['half a query', query(DIGEST).subarray(0, 40), 'badDataFormat'],
  ['a query and a byte', Buffer.concat([query(DIGEST), new Uint8Array(1)]), 'badDataFormat'],
  ['two queries', Buffer.concat([query(DIGEST), query(DIGEST)]), 'badDataFormat'],
  ['a query in base64', Buffer.from(Buffer.from(query(DIGEST)).toString('base64')), 'badDataFormat'],
  ['an indefinite length', Buffer.concat([hex('3080'), query(DIGEST).subarray(2), hex('0000')]), 'badDataFormat'],
  ['a needlessly long length', Buffer.concat([hex('3081'), query(DIGEST).subarray(1)]), 'badDataFormat'],
  ['a reply', seq(seq(encodeInteger(0))), 'badDataFormat'],
  [
    '40 levels',
    Buffer.concat(Array.from({ length: 40 }, (_, n) => hex(`30${(78 - 2 * n).toString(16).padStart(2, '0')}`))),
    'badDataFormat',
  ],
  // versions
  ['no version', seq(imprint), 'badDataFormat'],
  ['version 0', seq(encodeInteger(0), imprint), 'badDataFormat'],
  ['version 2', seq(encodeInteger(2), imprint), 'badRequest'],
  ['version 256', seq(encodeInteger(256), imprint), 'badRequest'],
  ['version 2 with other fields', seq(encodeInteger(2)), 'badRequest'],
  // imprints
  ['no imprint', seq(V1), 'badDataFormat'],
  ['an imprint without a digest', seq(V1, seq(SHA256)), 'badDataFormat'],
  ['an imprint with more', seq(V1, seq(SHA256, octets(DIGEST), octets(DIGEST))), 'badDataFormat'],
  ['an empty digest', seq(V1, messageImprint(new Uint8Array())), 'badDataFormat'],
  ['a digest of 31 bytes', seq(V1, messageImprint(DIGEST.subarray(1))), 'badDataFormat'],
  ['a digest of 64 bytes', seq(V1, messageImprint(Buffer.concat([DIGEST, DIGEST]))), 'badDataFormat'],
  ['SHA-512', seq(V1, messageImprint(Buffer.concat([DIGEST, DIGEST]), SHA512)), 'badAlg'],
  ['SHA-1', seq(V1, messageImprint(DIGEST.subarray(12), hex('300906052b0e03021a0500'))), 'badAlg'],
  ['SHA-256 with parameters', seq(V1, messageImprint(DIGEST, hex('300e0609608648016503040201 040100'))), 'badAlg'],
  ['an algorithm without a name', seq(V1, messageImprint(DIGEST, seq())), 'badAlg'],
  // policies
  ['another policy', query(DIGEST, oid('1.2.3.4')), 'unacceptedPolicy'],
  ['the policy of the other clock', query(DIGEST, oid(POLICY_OIDS.simulated)), 'unacceptedPolicy'],
  ['the parent of the policies', query(DIGEST, oid(POLICY_OIDS.real.slice(0, -2))), 'unacceptedPolicy'],
  // the rest
  [
    'an extension',
    query(DIGEST, encodeDer(TAG.context0, seq(oid('1.2.3'), octets(new Uint8Array())))),
    'unacceptedExtension',
  ],
  ['an empty list of extensions', query(DIGEST, encodeDer(TAG.context0)), 'unacceptedExtension'],
  ['certReq false in words', query(DIGEST, hex('010100')), 'badDataFormat'],
  ['certReq that is 01', query(DIGEST, hex('010101')), 'badDataFormat'],
  ['certReq twice', query(DIGEST, CERT_REQ, CERT_REQ), 'badDataFormat'],
  ['the nonce before the policy', query(DIGEST, encodeInteger(5), oid(POLICY_OIDS.real)), 'badDataFormat'],
  ['certReq before the nonce', query(DIGEST, CERT_REQ, encodeInteger(5)), 'badDataFormat'],
  ['two nonces', query(DIGEST, encodeInteger(5), encodeInteger(5)), 'badDataFormat'],
  ['a padded nonce', query(DIGEST, hex('02020005')), 'badDataFormat'],
  ['a nonce without bytes', query(DIGEST, hex('0200')), 'badDataFormat'],
  ['an unknown field', query(DIGEST, octets(DIGEST)), 'badDataFormat'],
];

describe('a bad query is rejected', () => {
  it.each(BAD_QUERIES)('%s', async (_what, bytes, failure) => {
    const answer = await ask(service, bytes);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/timestamp-reply']);
    expect(statusOf(answer.bytes)).toEqual({ status: 2, failures: [failure] });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('too long, by the status of HTTP too', async () => {
    const answer = await ask(service, query(DIGEST, encodeDer(TAG.integer, new Uint8Array(4_096).fill(1))));
    expect([answer.status, statusOf(answer.bytes).failures]).toEqual([413, ['badDataFormat']]);
  });

  it('compressed', async () => {
    const answer = await ask(service, gzipSync(query(DIGEST)), { 'content-encoding': 'gzip' });
    expect(statusOf(answer.bytes).failures).toEqual(['badDataFormat']);
  });

  it('with one sentence for people, and nothing of what was sent or of our code', async () => {
    const { bytes } = await ask(service, query(DIGEST, oid('1.2.3.4')));
    const text = parseDer(bytes).children[0]!.children[1]!.children[0]!;
    expect(text.tag).toBe(TAG.utf8String);
    expect(Buffer.from(text.content).toString()).toMatch(/^The timestamp policy .*\.$/);
    const garbage = await ask(service, Buffer.from('do-not-repeat-this'));
    expect(garbage.text).not.toMatch(/do-not-repeat-this|Error|\bat \b|\.ts/);
  });

  it('without a place in the order', async () => {
    const before = await stamped(service);
    for (const [, bytes] of BAD_QUERIES) await ask(service, bytes);
    expect((await stamped(service)).serial).toBe(before.serial + 1);
  });
});

describe('a good query', () => {
  it.each<[string, Uint8Array]>([
    ['with the other form of SHA-256', seq(V1, messageImprint(DIGEST, SHA256_NULL))],
    ['with the policy', query(DIGEST, oid(POLICY_OIDS.real))],
    ['with a nonce of one byte', query(DIGEST, encodeInteger(0))],
    ['with a negative nonce', query(DIGEST, hex('0201ff'))],
    ['with a nonce of 3 KiB', query(DIGEST, encodeDer(TAG.integer, new Uint8Array(3_072).fill(1)))],
    ['with everything', query(DIGEST, oid(POLICY_OIDS.real), encodeInteger(2 ** 52), CERT_REQ)],
  ])('%s is granted, and its imprint and nonce come back byte for byte', async (_what, bytes) => {
    const answer = await ask(service, bytes);
    expect(statusOf(answer.bytes)).toEqual({ status: 0, failures: [] });
    const asked = parseDer(bytes).children;
    expect(Buffer.from(answer.bytes).includes(Buffer.from(asked[1]!.encoded))).toBe(true);
    const nonce = asked.slice(1).find(({ tag }) => tag === TAG.integer)?.encoded ?? 'none';
    const { keys } = await service.client.keySet();
    const certificates = keys[1]!.x5c.map((text) => parseCertificateDer(Buffer.from(text, 'base64')));
    const expected = { root: service.root, imprint: IMPRINT, nonce, clock: 'real', certificates } as const;
    expect((await verifyTimestampResponse(answer.bytes, expected)).at).toBe(service.machine.time);
  });

  it('may have parameters in its media type, and leaves JSON to the other route', async () => {
    const answer = await ask(service, query(DIGEST), { 'content-type': 'Application/Timestamp-Query; x=y' });
    expect(statusOf(answer.bytes).status).toBe(0);
    expect((await service.post(PATHS.timestamp, { imprint: IMPRINT })).status).toBe(200);
    const other = await ask(service, query(DIGEST), { 'content-type': 'application/timestamp-reply' });
    expect([other.status, other.code]).toEqual([400, 'malformed']);
  });

  it('is not served to web pages of others, like every other', async () => {
    const answer = await ask(service, query(DIGEST), { origin: 'https://evil.example' });
    expect([answer.status, answer.code]).toEqual([403, 'origin-not-allowed']);
  });
});

describe('the simulated clock', () => {
  it('has a policy of its own, without accuracy, and follows what the operator sets', async () => {
    const simulated = await TestService.start();
    const at = simulated.machine.time + 5 * 24 * 3_600_000 + 7;
    await simulated.client.setTime(at);
    expect(await stamped(simulated)).toMatchObject({ at, clock: 'simulated' });
    const { bytes } = await ask(simulated, query(DIGEST, oid(POLICY_OIDS.real)));
    expect(statusOf(bytes).failures).toEqual(['unacceptedPolicy']);
    await simulated.stop();
  });

  it('outside the life of the certificates gives no time, and says so', async () => {
    const simulated = await TestService.start();
    await simulated.client.setTime(0);
    const answer = await ask(simulated, query(DIGEST));
    expect([answer.status, statusOf(answer.bytes)]).toEqual([503, { status: 2, failures: ['timeNotAvailable'] }]);
    await simulated.client.resetTime();
    expect((await stamped(simulated)).at).toBe(simulated.machine.time);
    await simulated.stop();
  });
});

describe('a state that can’t be written', () => {
  it('is a system failure, told to the log and to nobody else', async () => {
    const blocked = await TestService.start();
    const other = new DatabaseSync(`${blocked.home}/trusted-service/trusted-service.db`);
    other.exec('BEGIN IMMEDIATE');
    // The first serials are to be reserved now.
    const answer = await ask(blocked, query(DIGEST));
    other.exec('ROLLBACK');
    other.close();
    expect([answer.status, statusOf(answer.bytes)]).toEqual([503, { status: 2, failures: ['systemFailure'] }]);
    expect(answer.text).not.toMatch(/locked|sqlite/i);
    expect(blocked.log.join('')).toContain('database is locked');
    expect((await stamped(blocked)).serial).toBeGreaterThan(0);
    await blocked.stop();
  });
});

describe('the order', () => {
  it('is one for JSON tokens and RFC 3161 replies, under load, with a clock that jumps back and forth', async () => {
    const machine = new JumpingMachine();
    const mixed = await TestService.start({ clock: 'real' }, machine);
    const json = async (digest: Digest) => {
      const { serial, at } = readStamp(await mixed.client.timestamp(digest));
      return { serial, at, kind: 'json' };
    };
    const rfc3161 = async () => {
      const { serial, at } = await stamped(mixed);
      return { serial, at, kind: 'rfc3161' };
    };
    const places: Awaited<ReturnType<typeof rfc3161>>[] = [];
    // In waves: more at once would be refused as too many.
    for (let wave = 0; wave < 5; wave++) {
      places.push(...(await Promise.all(someImprints(30).flatMap((digest) => [json(digest), rfc3161()]))));
    }
    const ordered = places.toSorted((one, other) => one.serial - other.serial);
    expect(new Set(ordered.map(({ serial }) => serial)).size).toBe(300);
    const times = ordered.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    // Both kinds were under way at once, or this test shows nothing.
    const turns = ordered.filter(({ kind }, index) => kind !== ordered[index - 1]?.kind);
    expect(turns.length).toBeGreaterThan(10);
    expect(new Set(times).size).toBeGreaterThan(50);
    await mixed.stop();
  });

  it('goes on after restarts', async () => {
    let last = -1;
    for (let life = 0; life < 3; life++) {
      const first = await stamped(service);
      const token = readStamp(await service.client.timestamp(IMPRINT));
      const second = await stamped(service);
      expect([first.serial > last, token.serial > first.serial, second.serial > token.serial]).toEqual([
        true,
        true,
        true,
      ]);
      last = second.serial;
      await service.restart();
    }
  });
});

/** A clock that shows something else at every look, and sometimes an earlier time. */
class JumpingMachine extends TestMachine {
  #looks = 0;

  override monotonic(): number {
    return this.time + this.#looks;
  }

  override now(): number {
    this.#looks += 1;
    return this.time + this.#looks - (this.#looks % 7 === 0 ? 5 : 0);
  }
}
