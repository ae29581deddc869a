import { beforeEach, describe, expect, it } from 'vitest';
import { AuctionHouse } from '../../dms/auction-house.ts';
import { DisclosureDesk } from '../../dms/disclosure.ts';
import { MemoryJournal } from '../../dms/journal/memory-journal.ts';
import { createLog } from '../../dms/log.ts';
import { canonicalJson } from '../../shared/canonical-json.ts';
import { digestOf } from '../../shared/crypto/digest.ts';
import { createJwsSigner, verifyJws } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { DisclosureClaims } from '../../shared/wire/http-endpoints.ts';
import type { CertificatePem, LotId } from '../../shared/wire/vocabulary.ts';
import { createTestAdmission, type TestAdmission } from '../support/admission.ts';
import { createTestService, type TestService, unreachable } from '../support/house.ts';
import { type Issued, TEST_HOUSE } from '../support/test-authority.ts';
import { until } from '../support/until.ts';
import { bid, closingAt, listing, newSalt } from './house-fixture.ts';

let service: TestService;
let admission: TestAdmission;
let identity: Issued;
let journal: MemoryJournal;
let house: AuctionHouse;
let desk: DisclosureDesk;
let log: string[];
let failures: unknown[];

async function open(): Promise<void> {
  house = await AuctionHouse.open({ journal, newSalt, publish: () => {} });
  const chain: [CertificatePem, CertificatePem] = [identity.certificate.pem, service.authority.issuer.certificate.pem];
  desk = new DisclosureDesk({
    ...{ house, service, authority: service.name, time: admission.time },
    node: { signer: createJwsSigner(identity.keys), chain },
    log: createLog({ write: (line) => void log.push(line) }),
    onFailure: (error) => failures.push(error),
  });
}

beforeEach(async () => {
  service = await createTestService();
  admission = await createTestAdmission(service);
  identity = await service.authority.issue('dms-node');
  journal = new MemoryJournal(TEST_HOUSE);
  [log, failures] = [[], []];
  await open();
});

async function closed(...amounts: number[]): Promise<LotId> {
  const submission = await listing();
  const lot = submission[0].id as string as LotId;
  await house.submit(...submission);
  for (const amount of amounts) await house.submit(...(await bid(submission, { amount })));
  await house.close(lot, await closingAt(20_000));
  return lot;
}

const isDisclosed = (lot: LotId) => until('the disclosure', () => house.lots.get(lot)?.notices.winner !== undefined);

describe('disclosure', () => {
  it('is asked for by the node, which answers for the evidence of exactly this sale', async () => {
    const lot = await closed(100, 150);
    desk.request(lot);
    await isDisclosed(lot);
    const [{ request, certificate, chain, evidence }] = service.disclosed as [(typeof service.disclosed)[number]];
    expect([certificate, chain]).toEqual([identity.certificate.pem, [service.authority.issuer.certificate.pem]]);
    const expected = { typ: 'disclosure-request+jwt', key: identity.keys.publicKey, schema: DisclosureClaims } as const;
    expect(await verifyJws(request, expected)).toEqual({
      ...{ iss: TEST_HOUSE, aud: service.name, iat: admission.time.now() },
      evidence: digestOf(canonicalJson(evidence)),
    });
    expect(evidence).toMatchObject({ house: TEST_HOUSE, lot, listing: { certificate: 'certificate of seller' } });
    expect(evidence.bid.certificate).toBe('certificate of bidder');
    expect(house.lots.get(lot)?.notices.seller?.envelope).toBe(`for-seller-of-${lot}`);
  });

  it('is asked for once, however often it is requested', async () => {
    const lot = await closed(100);
    for (let count = 0; count < 5; count += 1) desk.request(lot);
    await isDisclosed(lot);
    desk.request(lot);
    desk.start();
    await new Promise((resolve) => setImmediate(resolve));
    expect(service.disclosed).toHaveLength(1);
  });

  it('is not asked for an unsold lot', async () => {
    await closed();
    desk.start();
    await new Promise((resolve) => setImmediate(resolve));
    expect(service.disclosed).toEqual([]);
  });

  it('waits for a Trusted Service that is away', async () => {
    const lot = await closed(100);
    service.trouble = unreachable();
    desk.request(lot);
    await until('a second attempt', () => log.length >= 2);
    service.trouble = undefined;
    await isDisclosed(lot);
    expect(service.disclosed).toHaveLength(1);
  });

  it('is made of every one of a crowd, also when the first attempts fail', async () => {
    const lots = await Promise.all(Array.from({ length: 20 }, () => closed(100)));
    service.trouble = unreachable();
    for (const lot of lots) desk.request(lot);
    await until('all first attempts', () => log.length >= 20);
    service.trouble = undefined;
    for (const lot of lots) await isDisclosed(lot);
    expect(new Set(service.disclosed.map(({ evidence }) => evidence.lot))).toEqual(new Set(lots));
    expect(failures).toEqual([]);
  });

  it('is taken up again after a restart', async () => {
    const lots = await Promise.all([closed(100), closed(150), closed()]);
    desk.request(lots[0]!);
    await isDisclosed(lots[0]!);
    desk.stop();
    await house.stop();
    await open();
    desk.start();
    await isDisclosed(lots[1]!);
    expect(service.disclosed.map(({ evidence }) => evidence.lot)).toEqual(lots.slice(0, 2));
  });

  it('is not asked for again when it was refused for good, and the operator hears of it', async () => {
    const lot = await closed(100);
    service.trouble = new ProtocolError('evidence-invalid', 'in this test');
    desk.request(lot);
    await until('the log', () => log.some((line) => line.includes('evidence-invalid')));
    expect(house.lots.get(lot)?.notices).toEqual({});
    expect(failures).toEqual([]);
  });

  it('is not begun by a desk that has stopped', async () => {
    const lot = await closed(100);
    desk.stop();
    desk.request(lot);
    desk.start();
    await new Promise((resolve) => setImmediate(resolve));
    expect([service.disclosed, failures]).toEqual([[], []]);
  });

  it('hands on a mistake of ours', async () => {
    const lot = await closed(100);
    await journal.close();
    desk.request(lot);
    await until('the failure', () => failures.length > 0);
  });
});
