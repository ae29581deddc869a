/** openssl asks for timestamps, and says what it thinks of the replies. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../shared/bytes.ts';
import { parseDer } from '../../shared/pki/der.ts';
import { type Certificate, parseCertificateDer } from '../../shared/pki/verify-certificate.ts';
import { verifyTimestampResponse } from '../../shared/timestamp/verify-timestamp-response.ts';
import type { ClockKind, Digest } from '../../shared/wire/vocabulary.ts';
import { POLICY_OIDS, sha256 } from '../support/forge-timestamp.ts';
import { openssl, withFiles } from '../support/run-openssl.ts';
import { TestMachine, TestService } from '../trusted-service/test-service.ts';
import { ask, statusOf } from '../trusted-service/timestamp-authority/ask-timestamp.ts';

const KINDS = ['real', 'simulated'] as const;
const DOCUMENT = 'a document of some length\n';

const services = {} as Record<ClockKind, TestService>;
// openssl judges by the machine's clock.
beforeAll(async () => {
  for (const clock of KINDS) services[clock] = await TestService.start({ clock }, new TestMachine(Date.now()));
});
afterAll(() => Promise.all(KINDS.map((clock) => services[clock].stop())));

/** The timestamp signer's certificate and the issuing CA's, as published. */
async function chainOf(service: TestService): Promise<Certificate[]> {
  const { keys } = await service.client.keySet();
  return keys[1]!.x5c.map((text) => parseCertificateDer(Buffer.from(text, 'base64')));
}

interface Asked {
  readonly query: string;
  readonly reply: string;
  readonly root: string;
  /** Signer and issuing CA. */
  readonly chain: string;
  readonly data: string;
}

/** What openssl asks with these options, and what it got. */
async function withReply<Result>(
  service: TestService,
  options: readonly string[],
  use: (asked: Asked, reply: Uint8Array) => Promise<Result>,
): Promise<Result> {
  const chain = (await chainOf(service)).map(({ pem }) => pem).join('');
  return withFiles({ root: service.root.pem, chain, data: DOCUMENT }, async (paths, folder) => {
    const query = join(folder, 'query.tsq');
    const reply = join(folder, 'reply.tsr');
    await openssl('ts', '-query', '-data', paths.data, ...options, '-out', query);
    const { status, headers, bytes } = await ask(service, await readFile(query));
    expect([status, headers['content-type']]).toEqual([200, 'application/timestamp-reply']);
    await writeFile(reply, bytes);
    return use({ ...paths, query, reply }, bytes);
  });
}

interface Combination {
  readonly clock: ClockKind;
  readonly nonce: boolean;
  readonly cert: boolean;
  readonly policy: boolean;
}

const COMBINATIONS: readonly Combination[] = KINDS.flatMap((clock) =>
  [true, false].flatMap((nonce) =>
    [true, false].flatMap((cert) => [true, false].map((policy) => ({ clock, nonce, cert, policy }))),
  ),
);

function optionsOf({ clock, nonce, cert, policy }: Combination): string[] {
  const parts = [nonce ? [] : ['-no_nonce'], cert ? ['-cert'] : [], policy ? ['-tspolicy', POLICY_OIDS[clock]] : []];
  return ['-sha256', ...parts.flat()];
}

/** A reply with certificates needs nothing but the root; one without needs them from elsewhere. */
async function demandVerified({ cert }: Combination, { query, reply, root, chain, data }: Asked): Promise<void> {
  const alone = ['-in', reply, '-CAfile', root];
  const trust = cert ? alone : [...alone, '-untrusted', chain];
  expect(await openssl('ts', '-verify', '-queryfile', query, ...trust)).toContain('Verification: OK');
  expect(await openssl('ts', '-verify', '-data', data, ...trust)).toContain('Verification: OK');
  if (!cert) await expect(openssl('ts', '-verify', '-queryfile', query, ...alone)).rejects.toThrow();
}

/** openssl reads in the reply what we meant. */
async function demandMeant({ clock, nonce }: Combination, { query, reply }: Asked): Promise<void> {
  const text = await openssl('ts', '-reply', '-in', reply, '-text');
  expect(text).toContain(`Policy OID: ${POLICY_OIDS[clock]}\n`);
  expect(text).toContain(clock === 'real' ? 'Accuracy: 0x01 seconds' : 'Accuracy: unspecified');
  expect(text).toContain('Ordering: no\n');
  expect(text).toContain('Hash Algorithm: sha256\n');
  const asked = /Nonce: (.*)/.exec(await openssl('ts', '-query', '-in', query, '-text'))![1];
  expect(/Nonce: (.*)/.exec(text)![1]).toBe(asked);
  expect(asked !== 'unspecified').toBe(nonce);
}

/** The names of the certificates in a reply. */
async function certificatesIn({ reply }: Asked): Promise<string[]> {
  const token = `${reply}.token`;
  await openssl('ts', '-reply', '-in', reply, '-token_out', '-out', token);
  const text = await openssl('pkcs7', '-inform', 'DER', '-in', token, '-print_certs', '-noout');
  return Array.from(text.matchAll(/subject=CN = (.*)/g), ([, name]) => name!).sort();
}

/** Our own verifier agrees, and reads the same. */
async function demandOurOwn({ clock, nonce, cert }: Combination, asked: Asked, reply: Uint8Array): Promise<void> {
  const service = services[clock];
  const verified = await verifyTimestampResponse(reply, {
    root: service.root,
    imprint: encodeBase64url(sha256(Buffer.from(DOCUMENT))) as Digest,
    nonce: nonce ? nonceOf(await readFile(asked.query)) : 'none',
    clock,
    ...(cert ? {} : { certificates: await chainOf(service) }),
  });
  expect(verified.at).toBe(service.machine.time);
  const text = await openssl('ts', '-reply', '-in', asked.reply, '-text');
  expect(text).toContain(`Serial number: 0x${hexPairs(verified.serial)}\n`);
}

describe('openssl ts', () => {
  it.each(COMBINATIONS)('verifies a reply: %o', async (combination) => {
    await withReply(services[combination.clock], optionsOf(combination), async (asked, bytes) => {
      await demandVerified(combination, asked);
      await demandMeant(combination, asked);
      expect(await certificatesIn(asked)).toEqual(
        combination.cert ? ['Gavel Issuing CA', 'Gavel Timestamp Signer'] : [],
      );
      await demandOurOwn(combination, asked, bytes);
    });
  });

  it('reads genTime to the millisecond', async () => {
    const { machine } = services.real;
    machine.time += 1_000 - (machine.time % 1_000) + 7;
    await withReply(services.real, ['-sha256'], async ({ reply }) => {
      expect(await openssl('ts', '-reply', '-in', reply, '-text')).toMatch(/Time stamp: .*\.007 \d{4} GMT/);
    });
  });

  it('accepts a reply of the simulated clock at the time that it was set to', async () => {
    const service = services.simulated;
    const at = Date.UTC(new Date(service.machine.time).getUTCFullYear(), 0) + 200 * 24 * 3_600_000;
    const set = at > service.machine.time ? at : service.machine.time + 3_600_000;
    await service.client.setTime(set);
    await withReply(service, ['-sha256', '-cert'], async ({ query, reply, root }) => {
      const trust = ['-in', reply, '-CAfile', root, '-attime', String(Math.floor(set / 1_000))];
      expect(await openssl('ts', '-verify', '-queryfile', query, ...trust)).toContain('Verification: OK');
    });
    await service.client.resetTime();
  });

  it('accepts the token of a reply by itself', async () => {
    await withReply(services.real, ['-sha256', '-cert'], async ({ query, reply, root }) => {
      await openssl('ts', '-reply', '-in', reply, '-token_out', '-out', `${reply}.token`);
      const trust = ['-in', `${reply}.token`, '-token_in', '-CAfile', root];
      expect(await openssl('ts', '-verify', '-queryfile', query, ...trust)).toContain('Verification: OK');
      expect(
        await openssl(
          'cms',
          '-verify',
          '-inform',
          'DER',
          '-in',
          `${reply}.token`,
          '-CAfile',
          root,
          '-purpose',
          'timestampsign',
          '-out',
          `${reply}.content`,
        ),
      ).toContain('Verification successful');
    });
  });

  it('refuses a reply for another query, for other data, or under another root', async () => {
    await withReply(services.real, ['-sha256', '-cert'], async ({ query, reply, root, data }) => {
      const trust = ['-in', reply, '-CAfile', root];
      await expect(openssl('ts', '-verify', '-data', query, ...trust)).rejects.toThrow('imprint mismatch');
      await openssl('ts', '-query', '-data', data, '-sha256', '-out', query);
      await expect(openssl('ts', '-verify', '-queryfile', query, ...trust)).rejects.toThrow('nonce mismatch');
      await writeFile(root, services.simulated.root.pem);
      await expect(openssl('ts', '-verify', '-data', data, ...trust)).rejects.toThrow('certificate verify error');
    });
  });

  it.each([
    [['-sha512'], 'badAlg', /unrecognized or unsupported algorithm/],
    [['-sha1'], 'badAlg', /unrecognized or unsupported algorithm/],
    [['-sha256', '-tspolicy', '1.2.3.4'], 'unacceptedPolicy', /policy is not supported/],
    [['-sha256', '-tspolicy', POLICY_OIDS.simulated], 'unacceptedPolicy', /policy is not supported/],
  ])('reads why %o was rejected', async (options, failure, told) => {
    await withReply(services.real, options, async ({ query, reply, root }, bytes) => {
      expect(statusOf(bytes)).toEqual({ status: 2, failures: [failure] });
      const text = await openssl('ts', '-reply', '-in', reply, '-text');
      expect(text).toContain('Status: Rejected.');
      expect(text).toMatch(told);
      await expect(openssl('ts', '-verify', '-queryfile', query, '-in', reply, '-CAfile', root)).rejects.toThrow();
    });
  });
});

function nonceOf(query: Uint8Array): Uint8Array {
  return parseDer(query).children.findLast(({ tag }) => tag === 0x02)!.encoded;
}

function hexPairs(value: number): string {
  const text = value.toString(16).toUpperCase();
  return text.padStart(text.length + (text.length % 2), '0');
}
