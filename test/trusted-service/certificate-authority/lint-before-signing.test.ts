/** A builder that writes something else than it should: the service signs nothing, records nothing, and says where to look. */

import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import { TestParticipant } from '../test-participant.ts';
import { AS_OPERATOR, TestService } from '../test-service.ts';

/** Which byte of what is to be signed is wrong, counted from its end. */
const broken = vi.hoisted(() => ({
  certificates: undefined as number | undefined,
  lists: undefined as number | undefined,
}));

vi.mock(import('../../../shared/pki/encode-tbs.ts'), async (load) => {
  const actual = await load();
  const spoil = (tbs: Uint8Array, at: number | undefined) =>
    at === undefined ? tbs : tbs.map((byte, index) => (index === tbs.length - at ? byte ^ 1 : byte));
  return {
    ...actual,
    encodeTbsCertificate: (order) => spoil(actual.encodeTbsCertificate(order), broken.certificates),
    encodeTbsRevocationList: (order) => spoil(actual.encodeTbsRevocationList(order), broken.lists),
  };
});

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.stop());
beforeEach(() => {
  broken.certificates = undefined;
  broken.lists = undefined;
  service.log.length = 0;
});

/** Everything that the service keeps. */
function recorded(): unknown {
  const database = new DatabaseSync(`${service.home}/trusted-service/trusted-service.db`, { readOnly: true });
  const tables = ['participants', 'certificates', 'revoked_keys', 'audit_journal'];
  const rows = tables.map((table) => database.prepare(`SELECT * FROM ${table}`).all());
  database.close();
  return rows;
}

const errors = () => service.log.map((line) => JSON.parse(line)).filter(({ level }) => level >= 50);

describe('a certificate that is not what was ordered', () => {
  it.each([1, 40, 200])('is not signed: byte %i from the end is wrong', async (at) => {
    const before = recorded();
    broken.certificates = at;
    const csr = await new TestParticipant(service).csr();
    const answer = await service.post(PATHS.signCsr, { csr, username: 'jane' });
    expect([answer.status, answer.code]).toEqual([500, 'internal']);
    expect(answer.text).not.toMatch(/lint|profile|signed/i);
    expect(recorded()).toEqual(before);
    const [error, ...others] = errors();
    expect(others).toEqual([]);
    expect(error.err).toMatchObject({
      type: 'LintFailure',
      message: expect.stringMatching(/'participant' was not signed: ./),
    });
    expect(JSON.stringify(error)).not.toContain('PRIVATE');
    expect(JSON.stringify(error)).not.toContain('jane');
    // The next one is served, under the name that was not taken.
    broken.certificates = undefined;
    expect((await service.post(PATHS.signCsr, { csr, username: `jane-${at}` })).status).toBe(201);
  });

  it('is not signed for a node either, and the service goes on', async () => {
    broken.certificates = 30;
    const csr = await new TestParticipant(service).csr();
    const house = '5f0c4a52-0c1f-4f0e-9b1a-3a6a5c0d8e21';
    expect((await service.post(PATHS.signCsr, { csr, hosts: ['dms.example'], house }, AS_OPERATOR)).code).toBe(
      'internal',
    );
    expect((await service.raw(PATHS.ready)).status).toBe(200);
  });
});

describe('a revocation list that is not what was ordered', () => {
  it('is not signed; the revocation stands, and the next list has it', async () => {
    const mallory = await TestParticipant.enrolled(service, 'mallory');
    broken.lists = 1;
    const request = { serial: mallory.serial, reason: 'keyCompromise' };
    const answer = await service.post(PATHS.revoke, request, AS_OPERATOR);
    expect([answer.status, answer.code]).toEqual([500, 'internal']);
    expect((await service.raw(PATHS.crl)).code).toBe('internal');
    expect(errors().map(({ err }) => err.message)).toEqual(
      Array(2).fill(expect.stringMatching(/^revocation list \d+ was not signed: /)),
    );
    broken.lists = undefined;
    const list = await service.raw(PATHS.crl);
    expect(list.status).toBe(200);
    expect(Buffer.from(list.bytes).toString('hex')).toContain(mallory.serial);
  });
});
