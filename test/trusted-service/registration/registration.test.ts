import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import { refusalOf } from '../../support/refusal.ts';
import { TestParticipant } from '../test-participant.ts';
import { AS_OPERATOR, TestService } from '../test-service.ts';

const DAY_MS = 24 * 3_600_000;
const services: TestService[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

async function start(settings: Record<string, unknown> = { registration: 'invite' }): Promise<TestService> {
  const service = await TestService.start(settings);
  services.push(service);
  return service;
}

const makeOne = async (service: TestService): Promise<string> => (await service.client.makeInvites({})).codes[0]!;

/** Tries to enrol; the code of the refusal. */
async function enrol(who: TestParticipant, username: string, invite?: string): Promise<string | undefined> {
  const request = { csr: await who.csr(), username, ...(invite === undefined ? {} : { invite }) };
  return refusalOf(who.service.client.signCsr(request));
}

describe('registration by invite', () => {
  it('lets one key in for each code, once', async () => {
    const service = await start();
    const [ann, bob] = [new TestParticipant(service), new TestParticipant(service)];
    expect(await enrol(ann, 'ann')).toBe('invite-required');
    const code = await makeOne(service);
    expect(await enrol(ann, 'ann', code)).toBeUndefined();
    expect(await enrol(bob, 'bob', code)).toBe('invite-invalid');
    expect(await enrol(bob, 'bob', (await makeOne(service)).toLowerCase().replaceAll('-', ' '))).toBeUndefined();
  });

  it('needs none to renew, and does not spend one for it', async () => {
    const service = await start();
    const ann = new TestParticipant(service);
    const [first, second] = (await service.client.makeInvites({ count: 2 })).codes;
    await enrol(ann, 'ann', first);
    expect(await enrol(ann, 'ann')).toBeUndefined();
    // An answer that got lost: the same request again.
    expect(await enrol(ann, 'ann', first)).toBeUndefined();
    expect(await enrol(ann, 'ann', second)).toBeUndefined();
    expect(await enrol(new TestParticipant(service), 'bob', second)).toBeUndefined();
  });

  it('spends nothing where the enrolment fails', async () => {
    const service = await start();
    await enrol(new TestParticipant(service), 'taken', await makeOne(service));
    const [code, ann] = [await makeOne(service), new TestParticipant(service)];
    expect(await enrol(ann, 'taken', code)).toBe('username-taken');
    expect(await enrol(ann, 'no blanks', code)).toBe('username-invalid');
    await service.client.setTime(0);
    expect(await enrol(ann, 'ann', code)).toBe('clock-out-of-certificates');
    await service.client.resetTime();
    const other = new DatabaseSync(`${service.home}/trusted-service/trusted-service.db`);
    // Whatever fails in the middle: here, the certificate can't be recorded.
    other.exec(`CREATE TRIGGER disk_full BEFORE INSERT ON certificates BEGIN SELECT RAISE(ABORT, 'full'); END`);
    expect(await enrol(ann, 'ann', code)).toBe('internal');
    other.exec('DROP TRIGGER disk_full');
    const left = (sql: string) => other.prepare(sql).get();
    expect(left(`SELECT count(*) AS n FROM participants WHERE username = 'ann'`)).toEqual({ n: 0 });
    expect(left('SELECT count(*) AS n FROM invites WHERE spent_at IS NULL')).toEqual({ n: 1 });
    other.close();
    expect(await enrol(new TestParticipant(service), 'ann', code)).toBeUndefined();
  });

  it('gives one code to one of many who come with it at once', async () => {
    const service = await start();
    const code = await makeOne(service);
    const codes = await Promise.all(
      ['ann', 'bob', 'cat', 'dan', 'eve'].map((name) => enrol(new TestParticipant(service), name, code)),
    );
    expect(codes.filter((refusal) => refusal === undefined)).toHaveLength(1);
    expect(codes.filter((refusal) => refusal === 'invite-invalid')).toHaveLength(4);
  });

  it('says the same of a code that never was, is spent, or has expired, and nothing about names', async () => {
    const service = await start();
    const { codes, expiresAt } = await service.client.makeInvites({ count: 2, expiresInMs: 60_000 });
    expect(expiresAt).toBe(service.machine.time + 60_000);
    await enrol(new TestParticipant(service), 'taken', codes[0]);
    service.machine.time = expiresAt;
    const never = codes[1]!.startsWith('0') ? `1${codes[1]!.slice(1)}` : `0${codes[1]!.slice(1)}`;
    const answers = new Set<string>();
    for (const invite of [codes[0]!, codes[1]!, never, 'hello', '']) {
      for (const username of ['taken', 'free']) {
        const csr = await new TestParticipant(service).csr();
        const { status, text } = await service.post(PATHS.signCsr, { csr, username, invite });
        answers.add(`${status} ${text}`);
      }
    }
    expect([...answers]).toEqual([expect.stringMatching(/^403 .*"invite-invalid"/)]);
    const csr = await new TestParticipant(service).csr();
    expect((await service.post(PATHS.signCsr, { csr, username: 'taken' })).code).toBe('invite-required');
  });

  it('can be used until the last millisecond, over a restart', async () => {
    const service = await start();
    const { codes, expiresAt } = await service.client.makeInvites({});
    expect(expiresAt).toBe(service.machine.time + 7 * DAY_MS);
    await service.restart();
    service.machine.time = expiresAt - 1;
    expect(await enrol(new TestParticipant(service), 'ann', codes[0])).toBeUndefined();
  });

  it('certifies DMS nodes as ever', async () => {
    const service = await start();
    const csr = await new TestParticipant(service).csr();
    const house = 'c0a8f1de-4a8b-4c51-9d0f-6c1d7b0a2e11';
    expect(await refusalOf(service.client.signCsr({ csr, hosts: ['localhost'], house } as never))).toBeUndefined();
  });

  it('is not asked for where registration is open, and no code is spent there', async () => {
    const service = await start({});
    const code = await makeOne(service);
    expect(await enrol(new TestParticipant(service), 'ann', code)).toBeUndefined();
    expect(await enrol(new TestParticipant(service), 'bob', 'hello')).toBeUndefined();
    await service.restart({ registration: 'invite' });
    expect(await enrol(new TestParticipant(service), 'cat', code)).toBeUndefined();
  });
});

describe('/api/invites', () => {
  it('is for the operator alone, who is asked before anything is read', async () => {
    const service = await start();
    for (const headers of [{}, { authorization: 'Bearer somebody' }] as Record<string, string>[]) {
      expect((await service.post(PATHS.invites, { count: 'x' }, headers)).code).toBe('operator-token-required');
    }
    const { status, headers, text } = await service.post(PATHS.invites, { count: 3, note: 'für Jane' }, AS_OPERATOR);
    expect([status, headers['cache-control']]).toEqual([201, 'no-store']);
    expect(new Set(JSON.parse(text).codes).size).toBe(3);
  });

  it('keeps no code, neither used nor unused, and logs none', async () => {
    const service = await start();
    const { codes } = await service.client.makeInvites({ count: 2, note: 'planted-note' });
    await enrol(new TestParticipant(service), 'ann', codes[0]);
    const folder = `${service.home}/trusted-service`;
    const files = ['trusted-service.db', 'trusted-service.db-wal'].map((name) => readFileSync(`${folder}/${name}`));
    const kept = Buffer.concat(files).toString('latin1');
    const log = service.log.join('');
    expect([kept.includes('planted-note'), log.includes('planted-note')]).toEqual([true, false]);
    for (const code of codes.flatMap((text) => [text, text.replaceAll('-', '')])) {
      expect([kept.includes(code), log.includes(code)]).toEqual([false, false]);
    }
  });

  it('makes a thousand at once', async () => {
    const service = await start();
    expect(new Set((await service.client.makeInvites({ count: 1_000 })).codes).size).toBe(1_000);
  });
});

describe('too many enrolments', () => {
  it('from one address are refused with the time to come back; who is enrolled renews on', async () => {
    const service = await start({ enrolmentsPerAddress: 2 });
    const ann = await TestParticipant.enrolled(service, 'ann');
    await TestParticipant.enrolled(service, 'bob');
    service.machine.time += 600_500;
    const csr = await new TestParticipant(service).csr();
    const { status, code, headers } = await service.post(PATHS.signCsr, { csr, username: 'cat' });
    expect([status, code, headers['retry-after']]).toEqual([429, 'too-many-requests', '3000']);
    expect(await enrol(ann, 'ann')).toBeUndefined();
    service.machine.time += 2_999_500;
    expect(await enrol(new TestParticipant(service), 'cat')).toBeUndefined();
  });

  it('count also where they fail: names can’t be tried without end', async () => {
    const service = await start({ enrolmentsPerAddress: 3 });
    await TestParticipant.enrolled(service, 'ann');
    const eve = new TestParticipant(service);
    const tries = [await enrol(eve, 'ann'), await enrol(eve, 'ann'), await enrol(eve, 'free')];
    expect(tries).toEqual(['username-taken', 'username-taken', 'too-many-requests']);
  });

  it('in total are refused, and failed ones are not counted there', async () => {
    const service = await start({ enrolmentsPerHour: 2 });
    await TestParticipant.enrolled(service, 'ann');
    for (let time = 0; time < 3; time++)
      expect(await enrol(new TestParticipant(service), 'ann')).toBe('username-taken');
    await TestParticipant.enrolled(service, 'bob');
    expect(await enrol(new TestParticipant(service), 'cat')).toBe('too-many-requests');
  });

  it('are counted for the address that a trusted proxy names, and for no other', async () => {
    const proxied = async (service: TestService, forwarded: string) => {
      const body = {
        csr: await new TestParticipant(service).csr(),
        username: `user${Math.random()}`.replace('0.', ''),
      };
      return (await service.post(PATHS.signCsr, body, { 'x-forwarded-for': forwarded })).status;
    };
    const behind = await start({ enrolmentsPerAddress: 1, proxies: '127.0.0.1' });
    const seen = [await proxied(behind, '192.0.2.1'), await proxied(behind, '192.0.2.2')];
    // What the caller wrote before the proxy's own word does not count.
    seen.push(await proxied(behind, '192.0.2.3, 192.0.2.1'));
    expect(seen).toEqual([201, 201, 429]);
    const direct = await start({ enrolmentsPerAddress: 1 });
    expect([await proxied(direct, '192.0.2.1'), await proxied(direct, '192.0.2.2')]).toEqual([201, 429]);
  });
});
