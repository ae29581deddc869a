import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeIdentity } from '../../../dms/identity/node-identity.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import { openCertificationRequest } from '../../../shared/pki/certification-request.ts';
import { parseCertificate, verifyCertificate } from '../../../shared/pki/verify-certificate.ts';
import { PrivateFolder } from '../../../shared/private-folder.ts';
import { StartError } from '../../../shared/start-error.ts';
import { HouseId, type Instant } from '../../../shared/wire/vocabulary.ts';
import { createTestService, type TestService, unreachable } from '../../support/house.ts';
import { codeThrownBy, refusalOf } from '../../support/refusal.ts';
import { TEST_HOUSE } from '../../support/test-authority.ts';

const DAY_MS = 24 * 3_600_000;

let home: string;
let path: string;
let service: TestService;
/** How often a certificate was asked for. */
let asked: number;
let refusal: ProtocolError | undefined;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'gavel-node-'));
  path = join(home, 'dms');
  service = await createTestService();
  asked = 0;
  refusal = undefined;
});
afterEach(() => rmSync(home, { recursive: true }));

/** As the Trusted Service does it: from the earlier of the two clocks to a week after the later one. */
async function signCsr({ csr, hosts, house }: { csr: string; hosts: string[]; house: HouseId }) {
  asked += 1;
  if (refusal !== undefined) throw refusal;
  const { publicKey, subject } = openCertificationRequest(csr);
  const [machine, simulated] = [service.clock.now(), service.now()];
  const span = {
    notBefore: Math.min(machine, simulated) - 3_600_000,
    notAfter: Math.max(machine, simulated) + 7 * DAY_MS,
  };
  const { certificate } = await service.authority.issue('dms-node', { publicKey, hosts, house, ...span });
  return { certificate: certificate.pem, chain: [service.authority.issuer.certificate.pem], subject };
}

async function load(changes: { hosts?: string[]; house?: HouseId; root?: TestService } = {}): Promise<NodeIdentity> {
  return NodeIdentity.load({
    folder: PrivateFolder.load(path),
    root: (changes.root ?? service).authority.root.certificate,
    house: changes.house ?? TEST_HOUSE,
    hosts: changes.hosts ?? ['localhost', '127.0.0.1'],
    service: { signCsr },
    clock: service.clock,
    time: { now: () => service.now() as Instant },
  });
}

function isValid(identity: NodeIdentity, at: number): boolean {
  const { root, issuer } = service.authority;
  const trust = { root: root.certificate, issuer: issuer.certificate, at };
  return codeThrownBy(() => verifyCertificate(parseCertificate(identity.chain[0]), 'dms-node', trust)) === undefined;
}

describe('the identity of a node', () => {
  it('is made at the first start and kept: key and certificate, for nobody else to read', async () => {
    const first = await load();
    const second = await load();
    expect([second.signer.kid, second.chain]).toEqual([first.signer.kid, first.chain]);
    expect(asked).toBe(1);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(path)) expect(statSync(join(path, name)).mode & 0o777).toBe(0o600);
    expect(parseCertificate(first.chain[0]).subject).toBe(first.signer.kid);
  });

  it.each([
    ['other hosts', { hosts: ['dms.example'] }],
    ['another house', { house: HouseId.parse('0b4f6f1a-8f5f-4a53-9d0e-1f6f7d8f9a10') }],
  ])('is certified anew for %s, with the same key', async (_what, changes) => {
    const first = await load();
    const second = await load(changes);
    expect([asked, second.signer.kid]).toEqual([2, first.signer.kid]);
  });

  it('is certified anew under another root', async () => {
    const first = await load();
    service = await createTestService(service.clock);
    const second = await load();
    expect([asked, second.signer.kid]).toEqual([2, first.signer.kid]);
  });

  it('lets no certificate of another root in', async () => {
    expect(await refusalOf(load({ root: await createTestService(service.clock) }))).toBe('certificate-untrusted');
  });

  it('is renewed some days before its end', async () => {
    const identity = await load();
    service.clock.advance(4 * DAY_MS);
    expect(await identity.renewIfDue()).toBe(false);
    const before = identity.chain[0];
    service.clock.advance(1);
    expect(await identity.renewIfDue()).toBe(true);
    expect(identity.chain[0]).not.toBe(before);
    expect(readFileSync(join(path, 'node-certificate.pem'), 'utf8')).toBe(identity.chain.join(''));
  });

  it.each([30 * DAY_MS, -DAY_MS / 48])('is valid on both clocks after the trusted one was set by %i ms', async (by) => {
    const identity = await load();
    service.setTime(service.now() + by);
    await identity.renewIfDue();
    expect([isValid(identity, service.now()), isValid(identity, service.clock.now())]).toEqual([true, true]);
  });

  it('is renewed when the trusted time comes near its end, whatever the machine says', async () => {
    const identity = await load();
    service.setTime(service.now() + 5 * DAY_MS);
    expect(await identity.renewIfDue()).toBe(true);
  });

  it('is renewed when the trusted time was set to before its beginning', async () => {
    service.clock.advance(10 * DAY_MS);
    const identity = await load();
    service.setTime(service.now() - 2 * DAY_MS);
    expect(await identity.renewIfDue()).toBe(true);
    expect([isValid(identity, service.now()), isValid(identity, service.clock.now())]).toEqual([true, true]);
  });

  it('is certified anew for another key', async () => {
    const first = await load();
    rmSync(join(path, 'node-key.pem'));
    const second = await load();
    expect(asked).toBe(2);
    expect(second.signer.kid).not.toBe(first.signer.kid);
    expect(parseCertificate(second.chain[0]).subject).toBe(second.signer.kid);
  });

  it('goes on with what it has while the Trusted Service is away', async () => {
    const identity = await load();
    const before = identity.chain[0];
    service.clock.advance(5 * DAY_MS);
    refusal = unreachable();
    expect(await refusalOf(identity.renewIfDue())).toBe('trusted-service-unreachable');
    expect(identity.chain[0]).toBe(before);
    expect(await load().catch((error) => error.code)).toBe('trusted-service-unreachable');
  });

  it("needs the operator's token, and says so", async () => {
    refusal = new ProtocolError('operator-token-required');
    await expect(load()).rejects.toThrow(StartError);
    await expect(load()).rejects.toThrow('GAVEL_OPERATOR_TOKEN');
  });

  it.each([0o640, 0o604, 0o644])('is not read from a file with mode %o', async (mode) => {
    await load();
    chmodSync(join(path, 'node-key.pem'), mode);
    await expect(load()).rejects.toThrow(StartError);
  });

  it('is not read from a folder of others', async () => {
    mkdirSync(path, { mode: 0o755 });
    chmodSync(path, 0o755);
    await expect(load()).rejects.toThrow(StartError);
  });

  it.each(['', 'no key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'])(
    'is not replaced in silence when the file holds %j',
    async (text) => {
      await load();
      writeFileSync(join(path, 'node-key.pem'), text);
      await expect(load()).rejects.toThrow(StartError);
    },
  );

  it('takes a damaged certificate for none', async () => {
    await load();
    writeFileSync(join(path, 'node-certificate.pem'), 'damaged');
    await load();
    expect(asked).toBe(2);
  });
});
