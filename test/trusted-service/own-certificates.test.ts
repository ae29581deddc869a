import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Certificate, parseCertificate } from '../../shared/pki/verify-certificate.ts';
import { loadAuthorityKeys } from '../../trusted-service/authority-keys.ts';
import { Issuer } from '../../trusted-service/certificate-authority/issuer.ts';
import { OwnCertificates } from '../../trusted-service/own-certificates.ts';
import { testFolder } from './test-folder.ts';
import { TestMachine } from './test-service.ts';
import { unrecorded } from './unrecorded.ts';

const at = testFolder();
const DAY_MS = 24 * 3_600_000;
const NAMES = ['token-signer', 'timestamp-signer', 'trusted-service-tls'] as const;

async function setUp(name: string, hosts = ['localhost']) {
  const machine = new TestMachine();
  const clock = new TestMachine();
  const keys = await loadAuthorityKeys(at(name), machine.time, unrecorded);
  const issuer = new Issuer(keys.root, keys.issuer);
  const load = (names = hosts) =>
    OwnCertificates.load({ keys, issuer, clock, machine, hosts: names, audit: unrecorded });
  const current = (own: (typeof NAMES)[number]): Certificate =>
    parseCertificate(readFileSync(`${at(name)}/${own}.pem`, 'utf8'));
  return { machine, clock, issuer, load, current };
}

describe('the service’s own certificates', () => {
  it('are issued once and kept', async () => {
    const { load, current } = await setUp('kept');
    const own = await load();
    const serials = NAMES.map((name) => current(name).serialHex);
    expect(await own.maintain()).toEqual([]);
    await load();
    expect(NAMES.map((name) => current(name).serialHex)).toEqual(serials);
  });

  it('are reissued for the same keys before they end', async () => {
    const { machine, clock, load, current } = await setUp('renewed');
    const own = await load();
    const { kid } = own.timestampSigner;
    for (const [days, expected] of [
      [4, []],
      [5, ['trusted-service-tls']],
      [9, []],
      [21, ['token-signer', 'timestamp-signer', 'trusted-service-tls']],
    ] as const) {
      const time = new TestMachine().time + days * DAY_MS;
      machine.time = time;
      clock.time = time;
      expect(await own.maintain(), `after ${days} days`).toEqual(expected);
    }
    for (const name of NAMES) expect(current(name).notAfter).toBeGreaterThan(machine.time + 6 * DAY_MS);
    expect(own.timestampSigner.kid).toBe(kid);
    expect(own.keySet().keys.map((key) => key.kid)).toEqual([own.tokenSigner.kid, kid]);
  });

  it('cover both clocks, wherever the simulated one goes', async () => {
    const { machine, clock, issuer, load, current } = await setUp('both');
    const own = await load();
    for (const days of [300, -1, 40]) {
      clock.time = machine.time + days * DAY_MS;
      await own.maintain();
      for (const name of NAMES) {
        const { notBefore, notAfter } = current(name);
        expect(notBefore).toBeLessThanOrEqual(
          Math.max(Math.min(clock.time, machine.time), issuer.certificate.notBefore),
        );
        expect(notAfter).toBeGreaterThan(Math.max(clock.time, machine.time) + DAY_MS);
      }
      expect(await own.maintain()).toEqual([]);
    }
  });

  it('end with the issuing CA, and are not reissued again and again', async () => {
    const { machine, clock, issuer, load, current } = await setUp('end');
    const own = await load();
    for (const after of [360 * DAY_MS, 364 * DAY_MS, 3_000 * DAY_MS]) {
      clock.time = machine.time + after;
      await own.maintain();
      expect(await own.maintain()).toEqual([]);
    }
    for (const name of NAMES) expect(current(name).notAfter).toBe(issuer.certificate.notAfter);
  });

  it('follow the configured host names', async () => {
    const { load, current } = await setUp('hosts');
    await load();
    await load(['localhost', '127.0.0.1', 'auction.example.org']);
    expect(current('trusted-service-tls').hosts).toEqual(['localhost', '127.0.0.1', 'auction.example.org']);
  });

  it('are issued anew where a file is damaged', async () => {
    const { load, current } = await setUp('damaged');
    await load();
    writeFileSync(`${at('damaged')}/token-signer.pem`, 'x');
    await load();
    expect(current('token-signer').notAfter).toBeGreaterThan(0);
  });
});
