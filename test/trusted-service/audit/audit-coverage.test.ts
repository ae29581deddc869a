import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { digestOfText } from '../../../shared/crypto/digest.ts';
import { type AuditedEvent, verifyRows } from '../../../trusted-service/audit/audit-chain.ts';
import { readAuditRows } from '../../../trusted-service/store/audit-records.ts';
import { loadStore, STORE_FILE } from '../../../trusted-service/store/store.ts';
import { GRACE_MS, MINUTE_MS, Sale } from '../disclosure/sale.ts';
import { testFolder } from '../test-folder.ts';
import { TestParticipant } from '../test-participant.ts';
import { AS_OPERATOR, OPERATOR_TOKEN, TestService } from '../test-service.ts';

const at = testFolder();
afterEach(() => {
  vi.restoreAllMocks();
});

/** The events of a state folder; throws where the chain does not hold. */
function eventsIn(folder: string): AuditedEvent[] {
  const database = new DatabaseSync(`${folder}/${STORE_FILE}`, { readOnly: true });
  try {
    return [...verifyRows(readAuditRows(database))].map(({ event }) => event);
  } finally {
    database.close();
  }
}

const stateOf = (service: TestService) => `${service.home}/trusted-service`;

/** Everything that the service does, once or more. Returns what must never be in the journal. */
async function live(service: TestService): Promise<string[]> {
  const { client } = service;
  const { codes } = await client.makeInvites({ count: 2, note: 'planted-note' });
  const sale = await Sale.prepare(service);
  const evidence = await sale.play();
  const disclosed = [
    await client.disclose(await sale.request(evidence)),
    await client.disclose(await sale.request(evidence)),
  ];
  await client.resetTime();
  const planted = new TestParticipant(service);
  const csr = await planted.csr();
  const request = { csr, username: 'planted-name', contact: 'planted-contact', invite: codes[0]! };
  planted.certificate = (await client.signCsr(request)).certificate;
  await planted.enrol('planted-name');
  const proof = await planted.proof();
  const { token } = await client.issue({ certificate: planted.certificate, proof });
  const revocation = { serial: planted.serial, reason: 'superseded', proof: await planted.revocationProof() } as const;
  const stranger = service.connect();
  await stranger.revoke(revocation);
  await stranger.close();
  // The second time changes nothing, and is not told.
  for (const reason of ['cessationOfOperation', 'keyCompromise'] as const) {
    await client.revoke({ serial: sale.node.serial, reason });
  }
  const statements = [evidence.listing, evidence.bid];
  return [
    ...codes,
    ...codes.map((code) => code.replaceAll('-', '')),
    ...['planted', 'seller-', 'winner-', '@example.org', 'BEGIN', OPERATOR_TOKEN, csr, proof, token],
    ...statements.flatMap(({ statement, timestamp }) => [statement, digestOfText(statement), timestamp.batch]),
    ...disclosed.flatMap((envelopes) => Object.values(envelopes)),
    evidence.closing.nonce,
    digestOfText(evidence.closing.nonce),
    revocation.proof,
    token.split('.')[2]!,
  ];
}

describe('what the audit journal tells', () => {
  it('is every act, on whose word, and no secret, name or imprint', async () => {
    const service = await TestService.start();
    const secrets = await live(service);
    const events = eventsIn(stateOf(service));
    expect(events.slice(0, 7).map(({ type, profile, cause }) => profile ?? cause ?? type)).toEqual([
      'start',
      'root',
      'issuing-ca',
      'token-signer',
      'timestamp-signer',
      'trusted-service-tls',
      'service-started',
    ]);
    const acts = events.slice(7).filter(({ type }) => type !== 'clock-changed');
    expect(acts.map(({ type, by }) => `${type} by ${by}`)).toEqual([
      'invites-made by operator',
      ...['enrolled by owner', 'certificate-issued by owner'],
      ...['enrolled by owner', 'certificate-issued by owner'],
      'certificate-issued by operator',
      ...['sale-disclosed by node', 'sale-disclosed by node'],
      ...['enrolled by owner', 'certificate-issued by owner', 'certificate-issued by owner'],
      'token-issued by owner',
      'certificate-revoked by owner',
      'certificate-revoked by operator',
    ]);
    const clock = events.filter(({ type }) => type === 'clock-changed');
    expect(clock.map(({ cause }) => cause)).toEqual(['start', 'set', 'set', 'set', 'reset']);
    expect(clock.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5]);
    const text = JSON.stringify(events);
    for (const secret of secrets) expect(text, secret).not.toContain(secret);
    await service.stop();
  });

  it('holds no word of timestamps, and of refusals', async () => {
    const service = await TestService.start({ registration: 'invite' });
    const before = eventsIn(stateOf(service)).length;
    await service.client.timestamp(digestOfText('an imprint'));
    await service.client.time('0123456789abcdef');
    const csr = await new TestParticipant(service).csr();
    for (const [path, body, headers] of [
      ['/api/sign-csr', { csr, username: 'ann', invite: 'hello' }, {}],
      ['/api/invites', {}, { authorization: 'Bearer nobody' }],
      ['/api/settime', { time: 1 }, {}],
      ['/api/revoke', { serial: 'abcd', reason: 'superseded' }, AS_OPERATOR],
    ] as const) {
      expect((await service.post(path, body, headers)).status).toBeGreaterThanOrEqual(400);
    }
    expect(eventsIn(stateOf(service))).toHaveLength(before);
    await service.stop();
  });

  it('says which invite let somebody in, and that settings and clock were those', async () => {
    const service = await TestService.start({ registration: 'invite' });
    const { codes } = await service.client.makeInvites({ count: 3, expiresInMs: 60_000 });
    const ann = new TestParticipant(service);
    const { subject } = await service.client.signCsr({ csr: await ann.csr(), username: 'ann', invite: codes[1]! });
    await service.client.setTime(service.machine.time + 5 * MINUTE_MS + GRACE_MS);
    const events = eventsIn(stateOf(service));
    const find = (type: string) => events.findLast((event) => event['type'] === type);
    const { machine, authority } = service;
    expect(find('service-started')).toMatchObject({ authority, clock: 'simulated', registration: 'invite' });
    expect(find('invites-made')).toMatchObject({ first: 1, count: 3, expiresAt: machine.time + 60_000 });
    expect(find('enrolled')).toMatchObject({ subject, invite: 2, at: machine.time });
    const offsetMs = 5 * MINUTE_MS + GRACE_MS;
    expect(find('clock-changed')).toMatchObject({
      cause: 'set',
      offsetMs,
      time: machine.time + offsetMs,
      at: machine.time,
    });
    await service.stop();
  });
});

/** What a killed process leaves behind: its files, as they are before each of its writes. */
function takeImages(service: TestService): string[] {
  const images: string[] = [];
  const take = () => {
    const image = at(`image-${images.length}`);
    mkdirSync(image, { mode: 0o700 });
    for (const name of [STORE_FILE, `${STORE_FILE}-wal`]) {
      if (existsSync(`${stateOf(service)}/${name}`)) cpSync(`${stateOf(service)}/${name}`, `${image}/${name}`);
    }
    images.push(image);
  };
  const [run, exec] = [StatementSync.prototype.run, DatabaseSync.prototype.exec];
  vi.spyOn(StatementSync.prototype, 'run').mockImplementation(function (this: StatementSync, ...values) {
    take();
    return run.apply(this, values);
  });
  vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (this: DatabaseSync, sql) {
    take();
    return exec.call(this, sql);
  });
  return images;
}

/** How many of each thing there are in the tables, and how many the journal tells of. */
function countsIn(folder: string) {
  loadStore(folder).close();
  const database = new DatabaseSync(`${folder}/${STORE_FILE}`);
  const count = (sql: string) => (database.prepare(`SELECT count(*) AS n FROM ${sql}`).get() as { n: number }).n;
  const epoch = database.prepare(`SELECT value FROM numbers WHERE name = 'epoch'`).get() as { value: number };
  const kept = {
    enrolled: count('participants'),
    issued: count('certificates'),
    revoked: count('revoked_keys'),
    tokensAndRevocations: count('spent_proofs'),
    disclosed: count('disclosures'),
    invites: count('invites'),
    invitesSpent: count('invites WHERE spent_by IS NOT NULL'),
    epoch: epoch.value,
  };
  database.close();
  const events = eventsIn(folder);
  const told = (type: string, test: (event: AuditedEvent) => boolean = () => true) =>
    events.filter((event) => event['type'] === type && test(event)).length;
  const leaves = ['participant', 'dms-node'] as unknown[];
  const seen = {
    enrolled: told('enrolled'),
    issued: told('certificate-issued', ({ profile }) => leaves.includes(profile)),
    revoked: told('certificate-revoked'),
    tokensAndRevocations: told('token-issued') + told('certificate-revoked', ({ by }) => by === 'owner'),
    disclosed: told('sale-disclosed', ({ again }) => again === false),
    invites: events.reduce((sum, { type, count: made }) => sum + (type === 'invites-made' ? Number(made) : 0), 0),
    invitesSpent: told('enrolled', ({ invite }) => invite !== undefined),
    epoch: told('clock-changed'),
  };
  return { kept, seen };
}

describe('killed between any two writes', () => {
  it('the journal is whole, and tells exactly what was done', async () => {
    // Invites are asked for in this life alone: the sale of the story needs none.
    const service = await TestService.start();
    const images = takeImages(service);
    await live(service);
    await service.restart({ registration: 'invite' });
    const { codes } = await service.client.makeInvites({});
    const ann = new TestParticipant(service);
    await service.client.signCsr({ csr: await ann.csr(), username: 'ann', invite: codes[0]! });
    vi.restoreAllMocks();
    cpSync(stateOf(service), at('last'), { recursive: true });
    await service.stop();
    expect(images.length).toBeGreaterThan(60);
    const different = new Set<string>();
    for (const image of [...images, at('last')]) {
      const { kept, seen } = countsIn(image);
      expect(seen, image).toEqual(kept);
      different.add(JSON.stringify(seen));
    }
    expect(different.size).toBeGreaterThan(12);
  });
});
